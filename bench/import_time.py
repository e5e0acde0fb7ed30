"""What each adapter adds to a cold start, and what a webhook's function costs: each run in a fresh interpreter.

An adapter is imported and made, client and all; a function is imported with what it makes at its first event.

    python bench/import_time.py [runs]

Prints CPU milliseconds and resident memory, the least of the runs; nothing is sent anywhere.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAYER = ROOT / "layers" / "shared"
WEBHOOKS = ROOT / "functions" / "webhooks"
MADE_AT_FIRST = {
    "answer_meta_challenge": "meta_webhook",
    "answer_x_challenge": "x_webhook",
    "receive_aws_sms_events": "aws_sms_webhook",
    "receive_mailgun_events": "mailgun_webhook",
    "receive_meta_events": "meta_webhook",
    "receive_sendgrid_events": "sendgrid_webhook",
    "receive_ses_events": "ses_webhook",
    "receive_twilio_events": "twilio_webhook",
    "receive_x_events": "x_webhook",
    "record_ses_events": "ses_events",
}
"""Of `clarion.wiring`, by the functions that call it."""

CASES = {
    "bare interpreter": "",
    "domain.mail": "import clarion.domain.mail",
    "domain.addresses + one ASCII address": "import clarion.domain.addresses as a; a.parse_email('a@example.com')",
    "channels.mime": "import clarion.channels.mime",
    "channels.null": (
        "from clarion.channels.null import NullChannel, NullTextChannel; NullChannel(); NullTextChannel()"
    ),
    "channels.null_posts": "from clarion.channels.null_posts import NullPostChannel; NullPostChannel()",
    "channels.null_ads": "from clarion.channels.null_ads import NullAdPlatform; NullAdPlatform()",
    "channels.console": (
        "from clarion.channels.console import Console, ConsoleTextChannel; ConsoleTextChannel(Console())"
    ),
    "channels.smtp": (
        "from clarion.channels.smtp import SmtpChannel\n"
        "from clarion.channels.smtp_server import SmtpServer\n"
        "SmtpChannel(SmtpServer.parse('smtps://u:p@mail.example.com'))"
    ),
    "botocore, DynamoDB client": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')"
    ),
    "channels.ses with client": (
        "from clarion.channels.ses import SesChannel, create_client; SesChannel(create_client('eu-west-1'))"
    ),
    "botocore, DynamoDB client + channels.ses": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.ses import SesChannel, create_client; SesChannel(create_client('eu-west-1'))"
    ),
    "channels.sendgrid": "from clarion.channels.sendgrid import SendGridChannel; SendGridChannel('key')",
    "channels.mailgun": "from clarion.channels.mailgun import MailgunChannel; MailgunChannel('key', 'example.com')",
    "botocore, DynamoDB client + channels.sendgrid": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.sendgrid import SendGridChannel; SendGridChannel('key')"
    ),
    "botocore, DynamoDB client + channels.mailgun": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.mailgun import MailgunChannel; MailgunChannel('key', 'example.com')"
    ),
    "channels.ses_events": "import clarion.channels.ses_events",
    "channels.sns_signature + its fetching": (
        "from clarion.channels.sns_signature import SnsSignatures; from clarion.channels.sns_http import SnsHttp\n"
        "SnsHttp(); SnsSignatures(lambda url: None)"
    ),
    "channels.sendgrid_events": "import clarion.channels.sendgrid_events",
    "channels.sendgrid_events + its signature": (
        "import clarion.channels.sendgrid_events, clarion.channels.sendgrid_signature"
    ),
    "channels.mailgun_events + its signature": (
        "import clarion.channels.mailgun_events, clarion.channels.mailgun_signature"
    ),
    "domain.text_message": "import clarion.domain.text_message, clarion.domain.segments",
    "domain.phones + one number": "import clarion.domain.phones as p; p.parse_phone('+493090182080')",
    "channels.twilio": (
        "from clarion.channels.twilio import TwilioChannel; TwilioChannel(s := 'AC' + '0' * 32, s, 'x', 'https://a.b')"
    ),
    "channels.aws_sms with client": (
        "from clarion.channels.aws_sms import AwsSmsChannel, create_client; AwsSmsChannel(create_client('eu-west-1'))"
    ),
    "botocore, DynamoDB client + channels.aws_sms": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.aws_sms import AwsSmsChannel, create_client; AwsSmsChannel(create_client('eu-west-1'))"
    ),
    "botocore, DynamoDB client + channels.twilio": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.twilio import TwilioChannel; TwilioChannel(s := 'AC' + '0' * 32, s, 'x', 'https://a.b')"
    ),
    "channels.twilio_events + its signature": (
        "import clarion.channels.twilio_events, clarion.channels.twilio_signature"
    ),
    "channels.aws_sms_events": "import clarion.channels.aws_sms_events",
    "channels.facebook_page": (
        "from clarion.channels.graph import Graph; from clarion.channels.facebook_page import FacebookPageChannel\n"
        "FacebookPageChannel(Graph('t', 's'))"
    ),
    "channels.instagram": (
        "from clarion.channels.graph import Graph; from clarion.channels.instagram import InstagramChannel\n"
        "InstagramChannel(Graph('t', 's'), None)"
    ),
    "channels.linkedin": "from clarion.channels.linkedin import LinkedInChannel; LinkedInChannel('t')",
    "channels.x": (
        "from clarion.channels.x_client import XClient; from clarion.channels.x import XChannel\n"
        "XChannel(XClient('t'), None)"
    ),
    "channels.meta_ads": (
        "from clarion.channels.graph import Graph; from clarion.channels.meta_ads import MetaAds\n"
        "MetaAds(Graph('t', 's'), 'act_1', '1')"
    ),
    "channels.google_ads": (
        "from clarion.channels.google_ads_client import GoogleAdsClient\n"
        "from clarion.channels.google_ads import GoogleAds\n"
        "GoogleAds(GoogleAdsClient('t', 'd', '1', '1'))"
    ),
    "channels.meta_audiences": (
        "from clarion.channels.graph import Graph; from clarion.channels.meta_audiences import MetaAudiences\n"
        "MetaAudiences(Graph('t', 's'), 'act_1')"
    ),
    "channels.google_audiences": (
        "from clarion.channels.google_ads_client import GoogleAdsClient\n"
        "from clarion.channels.google_audiences import GoogleAudiences\n"
        "GoogleAudiences(GoogleAdsClient('t', 'd', '1', '1'))"
    ),
    "botocore, DynamoDB client + channels.linkedin": (
        "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')\n"
        "from clarion.channels.linkedin import LinkedInChannel; LinkedInChannel('t')"
    ),
    "channels.meta_events + its signature": "import clarion.channels.meta_events, clarion.channels.meta_signature",
    "channels.x_events + its signature": "import clarion.channels.x_events, clarion.channels.x_signature",
    **{f"webhooks.{function}": f"import {function}; from clarion.wiring import {made}; {made}()"
       for function, made in MADE_AT_FIRST.items()},
}  # fmt: skip

_PROBE = """
import json, resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss / 1024]))
"""


def measure(code: str, runs: int) -> tuple[float, float]:
    """Least CPU milliseconds and least peak MiB (Linux counts ru_maxrss in KiB) of a whole interpreter."""
    variables = {
        "PYTHONPATH": os.pathsep.join((str(LAYER), str(WEBHOOKS))), "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1", "TABLE_NAME": "x",
    }  # fmt: skip
    samples = []
    for _ in range(runs):
        ran = subprocess.run(  # noqa: S603  # our own interpreter and code
            [sys.executable, "-c", f"{code}\n{_PROBE}"],
            env=os.environ | variables,
            capture_output=True,
            check=True,
            text=True,
        )
        samples.append(json.loads(ran.stdout))
    return min(sample[0] for sample in samples), min(sample[1] for sample in samples)


def main(runs: int) -> None:
    base, _ = measure(CASES["bare interpreter"], runs)
    print(f"Python {sys.version.split()[0]}, least of {runs} runs")
    print(f"{'case':46}{'CPU ms':>8}{'above bare':>12}{'MiB':>6}")
    for name, code in CASES.items():
        milliseconds, mebibytes = measure(code, runs)
        print(f"{name:46}{milliseconds:8.0f}{milliseconds - base:12.0f}{mebibytes:6.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
