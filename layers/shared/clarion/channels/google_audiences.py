"""Audiences uploaded to Google as customer lists.

https://developers.google.com/google-ads/api/docs/remarketing/audience-segments/customer-match/get-started
Google takes them from developer tokens that it has allowed to, and moves others to another interface.
"""

from collections.abc import Sequence

from clarion.channels.google_ads_client import GoogleAdsClient, Json, within
from clarion.channels.steps import Failure, unpublished
from clarion.domain.ad_audience import AudienceMember, UploadedAudience, sha256_hex, trimmed_email
from clarion.domain.outcomes import Accepted, Rejected, Retry, Stop, Unknown

CHUNK = 10_000
"""People in one call: Google's advice, below its limit of 100,000 identifiers."""

_GMAIL = ("gmail.com", "googlemail.com")
_MEMBER_DAYS = "540"  # the longest
_STARTED = "JOB_ALREADY_STARTED"


class GoogleAudiences:
    """Lists of the account that ``client`` speaks for."""

    def __init__(self, client: GoogleAdsClient) -> None:
        self._client = client

    def begin(self, audience: UploadedAudience) -> Accepted | Rejected | Retry | Stop:
        """A list, and the job that fills it: one for everybody, since jobs on one list get in each other's way. A job
        that is never run changes nothing."""
        user_list = self._found_or_made(audience)
        if not isinstance(user_list, str):
            return unpublished(user_list)
        # Everybody in it has said yes (services/audience_upload.py).
        consent = {"adUserData": "GRANTED", "adPersonalization": "GRANTED"}
        job = self._client.post(f"{self._client.customer}/offlineUserDataJobs:create", {"job": {
            "type": "CUSTOMER_MATCH_USER_LIST",
            "customerMatchUserListMetadata": {"userList": user_list, "consent": consent},
        }})  # fmt: skip
        name = _name(job)
        if not isinstance(name, str):
            return unpublished(name)
        return Accepted(f"{_number(user_list)}/{_number(name)}")

    def add(self, upload: str, members: Sequence[AudienceMember]) -> Accepted | Rejected | Retry | Stop:
        """In chunks."""
        for start in range(0, len(members), CHUNK):
            chunk = [_operation(member) for member in members[start : start + CHUNK]]
            payload = {"operations": chunk, "enablePartialFailure": True}
            added = self._client.post(f"{self._job(upload)}:addOperations", payload)
            if not isinstance(added, dict):
                return unpublished(added)
        return Accepted(upload)

    def finish(self, upload: str) -> Accepted | Rejected | Retry | Stop:
        """Run the job, of which nothing was done before; Google takes hours to match people."""
        run = self._client.post(f"{self._job(upload)}:run", {})
        if isinstance(run, dict) or (isinstance(run, Rejected) and run.code == _STARTED):
            return Accepted(upload.partition("/")[0])
        return unpublished(run)

    def _job(self, upload: str) -> str:
        """``<list>/<job>``, both by their numbers, names the upload."""
        return f"{self._client.customer}/offlineUserDataJobs/{upload.partition('/')[2]}"

    def _found_or_made(self, audience: UploadedAudience) -> str | Failure:
        """The list's resource name."""
        rows = self._client.search(
            "user_list", ["user_list.resource_name", "user_list.name"], f"user_list.name LIKE '%{audience.id}%'"
        )
        if not isinstance(rows, list):
            return rows
        for row in rows:
            if audience.marker in str(within(row, "userList", "name")):
                return str(within(row, "userList", "resourceName"))
        made = self._client.post(f"{self._client.customer}/userLists:mutate", {"operations": [{"create": {
            "name": audience.vendor_name, "membershipLifeSpan": _MEMBER_DAYS,
            "crmBasedUserList": {"uploadKeyType": "CONTACT_INFO"},
        }}]})  # fmt: skip
        return _name(made, "results")


def _name(made: Json | Failure, results: str | None = None) -> str | Failure:
    if not isinstance(made, dict):
        return made
    found = made.get(results) if results else [made]
    first = found[0] if isinstance(found, list) and found else None
    name = within(first, "resourceName")
    return name if isinstance(name, str) and name else Unknown("Google answered without a name")


def _number(resource: str) -> str:
    return resource.rpartition("/")[2]


def _operation(member: AudienceMember) -> Json:
    """Numbers are hashed with their plus sign."""
    identifiers = []
    if member.email:
        identifiers.append({"hashedEmail": sha256_hex(_normalised(member.email))})
    if member.phone:
        identifiers.append({"hashedPhoneNumber": sha256_hex(member.phone)})
    return {"create": {"userIdentifiers": identifiers}}


def _normalised(email: str) -> str:
    """Google ignores the dots of its own addresses."""
    local, _, domain = trimmed_email(email).rpartition("@")
    return f"{local.replace('.', '') if domain in _GMAIL else local}@{domain}"
