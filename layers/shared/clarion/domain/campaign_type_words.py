"""What is said of the campaign types: titles, a line about each field, rules in words, examples."""

from collections.abc import Mapping
from typing import Any

from clarion.domain.campaign_details import CampaignType

ABOUT: Mapping[CampaignType, tuple[str, str]] = {
    "one-shot": ("One-shot", "One message to everybody in the audience, now or at a time, once."),
    "recurring": (
        "Recurring",
        "The same message again and again, by a cron expression, each time to whoever is in the audience then.",
    ),
    "drip": (
        "Drip",
        (
            "A series of messages with delays between them. Whoever is in the audience goes through it at their own"
            " pace, and whoever joins the audience later enters later."
        ),
    ),
    "milestone": (
        "Milestone",
        (
            "A message, or a series, to a contact who reaches something, once: a date or its anniversary, a number of"
            " opens, clicks or purchases, a lead status, an engagement event."
        ),
    ),
}
"""Title and description."""

HELP: Mapping[str, str] = {
    "name": "What it is called; for its owners alone.",
    "description": "Whatever its owners should know.",
    "type": "one-shot where none is given.",
    "brand": "The brand it speaks for; a label.",
    "budget": "Planned spend, an exact amount; a label.",
    "channels": "The channel its messages go by; the first where there are several.",
    "audienceId": "A saved audience; its definition is read at each launch.",
    "audience": "An audience inline: a filter over contacts, or a list of them.",
    "templateId": "The message; its newest version is compiled at each launch, and kept as it is for that run.",
    "sender": "Who its mails come from; required where the deployment has no default sender.",
    "social": "What is posted on the channel social: profiles, text or the template's socialText, link, media.",
    "ads": "What is advertised on the channel ads: accounts, address, headlines, countries, daily budget.",
    "schedule": "When it starts and ends, the zone of its times, and whether each recipient has their own hour.",
    "recurring": "When it runs: five cron fields, read in schedule.timezone.",
    "expireAfter": "How late it may still start, and a message still go out (ISO 8601 duration); without it any delay.",
    "sendWindow": "Days and hours in which messages may go out; others wait for the next opening, or are skipped.",
    "ignoreFrequencyCaps": "Send even to contacts who had as many messages as the sending rules allow.",
    "holdOut": "Per cent of the audience, 0 to 90, who get nothing: the control group.",
    "experiment": "A/B test: variants of template, subject or time, their shares, and how the winner is found.",
    "steps": "The messages in order, each with its delay after the one before it (the first: after the entry).",
    "milestone": "What a contact has to reach: type date, count, leadStatus or event.",
    "goal": "Whoever reaches it leaves before the next message: an event on a message, or a filter over contacts.",
    "exitOn": "What else makes a contact leave: reply, unsubscribe; goal is the goal itself.",
    "reentry": "Whether a contact who has left may enter again: after how long, and how often in all.",
}
"""A line about each field, by its JSON name."""

RULES: Mapping[str, str] = {
    "audience": "Give audienceId or audience, not both.",
    "changes": (
        "draft, scheduled, failed: everything may change; a scheduled campaign gets its next start anew. Afterwards"
        " only name, description, brand and budget may; while paused, what repeats may change in all but that. What"
        " runs keeps what it was launched with."
    ),
    "sendWindow": (
        "Quiet hours of the sending rules hold as well. What would only go out after endAt or expireAfter, or finds"
        " no opening within two weeks, is skipped as outside_window."
    ),
    "holdOut": (
        "Drawn by contact and campaign, so it is the same people in every run and step; raising it only adds some. They"
        " count as skipped.hold_out."
    ),
}
_STEPS = "1 to 20, each with an id and a template of its own. A step's sendWindow holds besides the campaign's."
_OWN_HOUR = (
    "startAt is then a wall clock's time, and every recipient is served when their own clock shows it, beginning at"
    " UTC+14. Whoever has no valid zone is served by the campaign's and counted as fallback. Zones past that hour"
    " at the launch are served at once, or skipped as expired: schedule.pastZones. A launch by hand is for all at once."
)
_EXPERIMENT = (
    "Shares of 100 together leave nobody over, and the winner is only named. Else the rest gets the winner,"
    " decideAfter after the start."
)
_ONCE_LATE = (
    "A start that comes later than that fails with the reason; without expireAfter it runs whenever it is found."
    " A message that is later than that is skipped as expired."
)
_MANY_LATE = (
    "An occurrence that comes later than that does not run and is counted in missed; a message that is later than that"
    " is skipped as expired."
)
_DAY_LATE = _MANY_LATE.replace("An occurrence", "A day of a date milestone", 1)
_LEAVES = " It is counted by the reason (goal_reached, replied, unsubscribed), and no further message is sent."

RULES_OF: Mapping[CampaignType, Mapping[str, str]] = {
    "one-shot": {
        "status": (
            "draft → scheduled (with schedule.startAt) → running → completed, or completed_with_failures where a"
            " message failed, was rejected, could not be rendered or is unknown. It may be paused, resumed and"
            " cancelled. A start that cannot be is failed with the reason; set it to draft to mend it."
        ),
        "schedule.startAt": "Without it, status running launches at once; with it, it is scheduled.",
        "schedule.endAt": "Whoever has not got it by then is skipped as expired.",
        "schedule.recipientTime": _OWN_HOUR,
        "expireAfter": _ONCE_LATE,
        "experiment": _EXPERIMENT,
    },
    "recurring": {
        "status": (
            "draft → scheduled → running from its first occurrence on → completed when endAt has passed and the last"
            " run is over. While it is paused no occurrence runs, and those that pass are not made up for."
        ),
        "recurring": (
            "An occurrence in the hour that clocks skip runs right after it, one in the hour that they repeat runs the"
            " first time alone. Of several that were missed together, the latest runs; the others are counted in"
            " missed. Each run plans the audience anew, with the template's newest version."
        ),
        "schedule.startAt": "No occurrence before it.",
        "schedule.endAt": "No occurrence from it on; whoever has not got a message by then is skipped as expired.",
        "schedule.recipientTime": _OWN_HOUR.replace("startAt", "Each occurrence", 1),
        "expireAfter": _MANY_LATE,
        "experiment": f"{_EXPERIMENT} Every run draws anew, and finds its own winner.",
    },
    "drip": {
        "status": (
            "draft → scheduled (with schedule.startAt) → running → completed once endAt has passed. Without endAt it"
            " runs until it is cancelled. While it is paused nobody gets anything; what waited goes on afterwards."
        ),
        "steps": _STEPS,
        "schedule.startAt": "When contacts may enter for the first time.",
        "schedule.endAt": "From then on nobody enters, and what is still waiting is skipped as expired.",
        "expireAfter": f"{_ONCE_LATE} That ends the contact's way.",
        "goal": f"Looked at before every message.{_LEAVES}",
        "exitOn": f"Judged by the messages of this campaign.{_LEAVES}",
        "reentry": "after counts from the end of a contact's way; most (2 to 20) counts all entries, the first too.",
    },
    "milestone": {
        "status": (
            "draft → scheduled → running → completed once endAt has passed. Without endAt it runs until it is"
            " cancelled. While it is paused nobody gets anything; days of a date milestone that pass meanwhile are not"
            " made up for."
        ),
        "templateId": "Give templateId for one message or steps for several, not both.",
        "steps": _STEPS,
        "milestone": (
            "Once per contact; a date once for each such day, with anniversary once a year. A date is served at the"
            " hour milestone.at of the contact's own day, offsetDays later (or before, where negative)."
        ),
        "schedule.startAt": "When contacts may enter for the first time.",
        "schedule.endAt": "From then on nobody enters, and what is still waiting is skipped as expired.",
        "expireAfter": f"{_DAY_LATE} That ends the contact's way.",
        "goal": f"Looked at before every message.{_LEAVES}",
        "exitOn": f"Judged by the messages of this campaign.{_LEAVES}",
    },
}
"""What holds for one type, by what it is about."""

_PRO = {"type": "dynamic", "filter": {"datatype": "contact", "where": {"plan": "pro"}}}
_EVERYBODY = {"type": "dynamic", "filter": {"datatype": "contact", "where": {}}}
_TEMPLATES = [f"01JD000000000000000000TP{n}A" for n in range(1, 4)]
_MAIL = {"channels": ["email"], "sender": {"email": "news@shop.example", "name": "The Shop"}}

EXAMPLES: Mapping[CampaignType, dict[str, Any]] = {
    "one-shot": {
        "name": "Autumn sale",
        "type": "one-shot",
        **_MAIL,
        "audience": _PRO,
        "templateId": _TEMPLATES[0],
        "schedule": {"startAt": "2031-09-22T09:00:00", "timezone": "Europe/Berlin", "recipientTime": True},
        "expireAfter": "PT6H",
        "holdOut": 5,
        "experiment": {
            "variants": [{"id": "a", "share": 10}, {"id": "b", "share": 10, "subject": "Leaves, and 20 % off"}],
            "metric": "unique_clicks",
            "decideAfter": "PT4H",
        },
    },
    "recurring": {
        "name": "Monday news",
        "type": "recurring",
        **_MAIL,
        "audience": _EVERYBODY,
        "templateId": _TEMPLATES[0],
        "schedule": {"timezone": "America/New_York", "endAt": "2031-12-31T23:59:00"},
        "recurring": {"cron": "30 8 * * MON"},
        "expireAfter": "P1D",
    },
    "drip": {
        "name": "Welcome",
        "type": "drip",
        **_MAIL,
        "audience": _PRO,
        "steps": [
            {"id": "hello", "templateId": _TEMPLATES[0]},
            {"id": "tips", "templateId": _TEMPLATES[1], "delay": "P2D", "sendWindow": {"from": "09:00", "to": "17:00"}},
            {"id": "offer", "templateId": _TEMPLATES[2], "delay": "P5D"},
        ],
        "goal": {"event": "conversion"},
        "exitOn": ["goal", "reply", "unsubscribe"],
        "reentry": {"after": "P90D", "most": 3},
    },
    "milestone": {
        "name": "Happy birthday",
        "type": "milestone",
        **_MAIL,
        "audience": _EVERYBODY,
        "templateId": _TEMPLATES[0],
        "milestone": {"type": "date", "attribute": "birthday", "anniversary": True, "at": "09:00"},
        "expireAfter": "PT12H",
    },
}
"""A body of ``POST /crm/marketing/campaigns`` for each type."""
