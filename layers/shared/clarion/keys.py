"""Every key of the single table, by example (docs/table.md). Standard library alone: the hot path imports this too."""

from zlib import crc32

CONTACT_SHARDS = 16
COUNTER_SUFFIXES = 4
DUE_SHARDS = 8
REFRESH = "REFRESH#0"
"""Beside the scheduler's due work, so that its ticks do not read it."""

Key = dict[str, str]


def _key(pk: str, sk: str) -> Key:
    return {"pk": pk, "sk": sk}


def contact_shard(contact_id: str) -> int:
    """Shard 0–15 that holds a contact."""
    return crc32(contact_id.encode()) % CONTACT_SHARDS


def counter_suffix(spread: str) -> int:
    """Suffix 0–3 of the counter rows that ``spread`` (a contact's id) adds to."""
    return crc32(spread.encode()) % COUNTER_SUFFIXES


def due_shard(record_id: str) -> int:
    """Shard 0–7 of the due index."""
    return crc32(record_id.encode()) % DUE_SHARDS


def organisation(org: str) -> Key:
    """``ORG#acme / ORG``"""
    return _key(f"ORG#{org}", "ORG")


def member(org: str, user: str) -> Key:
    """``ORG#acme / MEMBER#<user>``"""
    return _key(f"ORG#{org}", f"MEMBER#{user}")


def membership(user: str, org: str) -> Key:
    """``USER#<user> / MEMBER#acme``"""
    return _key(f"USER#{user}", f"MEMBER#{org}")


def sending_rules(org: str) -> Key:
    """``ORG#acme / SENDING_RULES``"""
    return _key(f"ORG#{org}", "SENDING_RULES")


def connections_pk(org: str) -> str:
    """``ORG#acme#CONNECTIONS``"""
    return f"ORG#{org}#CONNECTIONS"


def connection(org: str, platform: str) -> Key:
    """``ORG#acme#CONNECTIONS / CONNECTION#sendgrid``"""
    return _key(connections_pk(org), f"CONNECTION#{platform}")


def connection_health(org: str, platform: str) -> Key:
    """``ORG#acme#CONNECTIONS / HEALTH#sendgrid``: a row of its own, since workers write it"""
    return _key(connections_pk(org), f"HEALTH#{platform}")


def webhook_token(org: str, platform: str, token: str) -> Key:
    """``ORG#acme#WEBHOOK#mailgun#9f86d081… / TOKEN``: what a vendor's signature was used for"""
    return _key(f"ORG#{org}#WEBHOOK#{platform}#{token}", "TOKEN")


def authorization(org: str, authorization_id: str) -> Key:
    """``ORG#acme#AUTHORIZATIONS / AUTHORIZATION#01J8…``: a consent that was asked for at a vendor"""
    return _key(f"ORG#{org}#AUTHORIZATIONS", f"AUTHORIZATION#{authorization_id}")


def contacts_pk(org: str, shard: int) -> str:
    """``ORG#acme#CONTACTS#07``"""
    return f"ORG#{org}#CONTACTS#{shard:02d}"


def contact(org: str, contact_id: str) -> Key:
    """``ORG#acme#CONTACTS#07 / CONTACT#01J8…``"""
    return _key(contacts_pk(org, contact_shard(contact_id)), f"CONTACT#{contact_id}")


def email(org: str, address: str) -> Key:
    """``ORG#acme#EMAIL#ann@example.com / EMAIL``"""
    return _key(f"ORG#{org}#EMAIL#{address}", "EMAIL")


def person_pk(org: str, contact_id: str) -> str:
    """``ORG#acme#CONTACT#01J8…``: messages and events of one contact."""
    return f"ORG#{org}#CONTACT#{contact_id}"


def message_sk(campaign_id: str, run: int, step: str, channel: str) -> str:
    """``MSG#01J9…#0001#1#email``"""
    return f"MSG#{campaign_id}#{run:04d}#{step}#{channel}"


def message(org: str, contact_id: str, campaign_id: str, run: int, step: str, channel: str) -> Key:
    """``ORG#acme#CONTACT#01J8… / MSG#01J9…#0001#1#email``"""
    return _key(person_pk(org, contact_id), message_sk(campaign_id, run, step, channel))


def event(org: str, contact_id: str, at: str, event_id: str) -> Key:
    """``ORG#acme#CONTACT#01J8… / EVENT#2026-11-21T09:00:00.000Z#01JA…``"""
    return _key(person_pk(org, contact_id), f"EVENT#{at}#{event_id}")


def caps(org: str, contact_id: str, channel: str) -> Key:
    """``ORG#acme#CONTACT#01J8… / CAPS#email``: the recent sends that frequency caps count"""
    return _key(person_pk(org, contact_id), f"CAPS#{channel}")


def rate(org: str, channel: str) -> Key:
    """``ORG#acme#RATES / RATE#email``"""
    return _key(f"ORG#{org}#RATES", f"RATE#{channel}")


def ramp_up_day(org: str, channel: str, date: str) -> Key:
    """``ORG#acme#RATES / DAY#email#2026-11-21``"""
    return _key(f"ORG#{org}#RATES", f"DAY#{channel}#{date}")


def conversion(org: str, external_id: str) -> Key:
    """``ORG#acme#CONVERSION#order-1001 / CONVERSION``"""
    return _key(f"ORG#{org}#CONVERSION#{external_id}", "CONVERSION")


def telling(org: str, telling_id: str) -> Key:
    """``ORG#acme#TOLD#01JA… / TOLD``: when a vendor first told something"""
    return _key(f"ORG#{org}#TOLD#{telling_id}", "TOLD")


def wish(org: str, phone: str) -> Key:
    """``ORG#acme#PHONE#+493090182080 / WISH``: whether a number last asked for messages or for none"""
    return _key(f"ORG#{org}#PHONE#{phone}", "WISH")


def last_message(org: str, phone: str) -> Key:
    """``ORG#acme#PHONE#+493090182080 / LAST_MESSAGE``: which of our messages went to a number last"""
    return _key(f"ORG#{org}#PHONE#{phone}", "LAST_MESSAGE")


def suppressions_pk(org: str, channel: str) -> str:
    """``ORG#acme#SUPPRESSION#email``"""
    return f"ORG#{org}#SUPPRESSION#{channel}"


def suppression(org: str, channel: str, address: str) -> Key:
    """``ORG#acme#SUPPRESSION#email / ADDRESS#ann@example.com``"""
    return _key(suppressions_pk(org, channel), f"ADDRESS#{address}")


def suppression_removal(org: str, channel: str, at: str, address: str) -> Key:
    """``ORG#acme#SUPPRESSION#email / REMOVED#2026-11-21T09:00:00.000Z#ann@example.com``"""
    return _key(suppressions_pk(org, channel), f"REMOVED#{at}#{address}")


def suppression_removals_since(at: str) -> tuple[str, str]:
    """First and last sort key of the removals since: ``REMOVED#2026-11-21T09:00:00.000Z`` to ``REMOVED#~``"""
    return f"REMOVED#{at}", "REMOVED#~"


def collection_pk(org: str, kind: str) -> str:
    """``ORG#acme#CAMPAIGNS`` for kind ``CAMPAIGN``: where an organisation's records of one kind are listed."""
    return f"ORG#{org}#{kind}S"


def record(org: str, kind: str, record_id: str) -> Key:
    """``ORG#acme#CAMPAIGNS / CAMPAIGN#01J9…``; likewise AUDIENCE, TEMPLATE, IMPORT, EXPORT."""
    return _key(collection_pk(org, kind), f"{kind}#{record_id}")


def template_version(org: str, template_id: str, version: int) -> Key:
    """``ORG#acme#TEMPLATE#01JB… / VERSION#000003``"""
    return _key(f"ORG#{org}#TEMPLATE#{template_id}", f"VERSION#{version:06d}")


def campaign_pk(org: str, campaign_id: str) -> str:
    """``ORG#acme#CAMPAIGN#01J9…``: links, content and counters of a campaign."""
    return f"ORG#{org}#CAMPAIGN#{campaign_id}"


def links(org: str, campaign_id: str, run: int, step: str) -> Key:
    """``ORG#acme#CAMPAIGN#01J9… / LINKS#0001#1``"""
    return _key(campaign_pk(org, campaign_id), f"LINKS#{run:04d}#{step}")


def content(org: str, campaign_id: str, digest: str) -> Key:
    """``ORG#acme#CAMPAIGN#01J9… / CONTENT#9f86d081…``: kept under its hash, so that runs share it"""
    return _key(campaign_pk(org, campaign_id), f"CONTENT#{digest}")


def publication(org: str, campaign_id: str, run: int, step: str, outlet: str) -> Key:
    """``ORG#acme#CAMPAIGN#01J9… / PUBLICATION#0001#1#01JC…``: what a run published to an outlet"""
    return _key(campaign_pk(org, campaign_id), f"PUBLICATION#{run:04d}#{step}#{outlet}")


def publication_name(org: str, platform: str, vendor_id: str) -> Key:
    """``ORG#acme#PUBLICATIONS / facebook#1234_5678``: which publication a vendor calls so"""
    return _key(f"ORG#{org}#PUBLICATIONS", f"{platform}#{vendor_id}")


def publication_draft(org: str, publication_id: str) -> Key:
    """``ORG#acme#DRAFTS / DRAFT#01JD…``: a vendor's name of what is not published yet"""
    return _key(f"ORG#{org}#DRAFTS", f"DRAFT#{publication_id}")


def day_counters(org: str, campaign_id: str, date: str, suffix: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9… / STAT#DAY#2026-11-21#2``"""
    return _key(campaign_pk(org, campaign_id), f"STAT#DAY#{date}#{suffix}")


def link_counters(org: str, campaign_id: str, run: int, step: str, link: int, suffix: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9… / STAT#LINK#0001#1#0003#2``"""
    return _key(campaign_pk(org, campaign_id), f"STAT#LINK#{run:04d}#{step}#{link:04d}#{suffix}")


def organisation_day_counters(org: str, date: str, suffix: int) -> Key:
    """``ORG#acme#STATS / STAT#DAY#2026-11-21#2``"""
    return _key(organisation_stats_pk(org), f"STAT#DAY#{date}#{suffix}")


def organisation_stats_pk(org: str) -> str:
    """``ORG#acme#STATS``"""
    return f"ORG#{org}#STATS"


def last_sent(org: str, channel: str) -> Key:
    """``ORG#acme#STATS / LAST_SENT#email``"""
    return _key(organisation_stats_pk(org), f"LAST_SENT#{channel}")


def trials(org: str, date: str) -> Key:
    """``ORG#acme#STATS / TRIALS#2026-11-21``: how many test messages were sent that day"""
    return _key(organisation_stats_pk(org), f"TRIALS#{date}")


def run_pk(org: str, campaign_id: str, run: int) -> str:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001``"""
    return f"ORG#{org}#CAMPAIGN#{campaign_id}#RUN#{run:04d}"


def run(org: str, campaign_id: str, number: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / RUN``"""
    return _key(run_pk(org, campaign_id, number), "RUN")


def connection_due(org: str, platform: str, at: str) -> dict[str, str]:
    """``REFRESH#0 / 2026-11-21T09:00:00.000Z#acme#x`` of the due index: a token to renew though nobody needs it"""
    return {"due_pk": REFRESH, "due_sk": f"{at}#{org}#{platform}"}


def run_plan(org: str, campaign_id: str, number: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / PLAN``: what the run froze; beside its row, which is written every minute"""
    return _key(run_pk(org, campaign_id, number), "PLAN")


def run_shard(org: str, campaign_id: str, number: int, shard: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / SHARD#07``"""
    return _key(run_pk(org, campaign_id, number), f"SHARD#{shard:02d}")


def run_zone(org: str, campaign_id: str, number: int, shard: int, zone: str) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / ZONE#07#Europe/Berlin``"""
    return _key(run_pk(org, campaign_id, number), f"ZONE#{shard:02d}#{zone}")


def audience_upload(org: str, campaign_id: str, number: int, step: str, outlet: str) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / UPLOAD#1#01JC…``: how far its audience is at an ad account"""
    return _key(run_pk(org, campaign_id, number), f"UPLOAD#{step}#{outlet}")


def batch(org: str, campaign_id: str, number: int, shard: int, sequence: int, step: int) -> Key:
    """``ORG#acme#CAMPAIGN#01J9…#RUN#0001 / BATCH#07#000012#00``"""
    return _key(run_pk(org, campaign_id, number), f"BATCH#{shard:02d}#{sequence:06d}#{step:02d}")


def entry(org: str, contact_id: str, campaign_id: str, key: str) -> Key:
    """``ORG#acme#CONTACT#01J8… / ENTRY#01J9…#0001``: a contact's place in a journey; its second one is ``#0002``"""
    return _key(person_pk(org, contact_id), f"ENTRY#{campaign_id}#{key}")


def entrances_pk(org: str) -> str:
    """``ORG#acme#ENTRANCES``: an organisation's journeys that contacts may enter."""
    return f"ORG#{org}#ENTRANCES"


def entrance(org: str, campaign_id: str) -> Key:
    """``ORG#acme#ENTRANCES / CAMPAIGN#01J9…``"""
    return _key(entrances_pk(org), f"CAMPAIGN#{campaign_id}")


def due(record_id: str, at: str, org: str, looks: int = 0) -> dict[str, str]:
    """Index attributes ``DUE#2 / 2026-11-21T09:00:00.000Z#acme#01J9…#0``; ``looks`` counts the looks so far"""
    return {"due_pk": f"DUE#{due_shard(record_id)}", "due_sk": f"{at}#{org}#{record_id}#{looks}"}


def poll_pk(shard: int) -> str:
    """``POLL#3`` of the due index: publications whose figures are to be read."""
    return f"POLL#{shard}"


def poll(record_id: str, at: str, org: str) -> dict[str, str]:
    """Index attributes ``POLL#3 / 2026-11-21T09:00:00.000Z#acme#01JD…``"""
    return {"due_pk": poll_pk(due_shard(record_id)), "due_sk": f"{at}#{org}#{record_id}"}


def issued_id(org: str, request: str) -> Key:
    """``IDEMPOTENCY#acme / ID#<hash>``"""
    return _key(f"IDEMPOTENCY#{org}", f"ID#{request}")


def heartbeat() -> Key:
    """``SCHEDULER / HEARTBEAT``"""
    return _key("SCHEDULER", "HEARTBEAT")


def counted() -> Key:
    """``SCHEDULER / COUNTED``"""
    return _key("SCHEDULER", "COUNTED")
