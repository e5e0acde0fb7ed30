"""The adapter that an organisation's own credentials make of a platform for e-mail or text messages."""

from collections.abc import Mapping

from clarion.channels.aws_checks import client_of
from clarion.channels.credential_checks import mail_origin
from clarion.channels.origins import Origins
from clarion.domain.mail import MailChannel
from clarion.domain.text_message import TextChannel


def adapter_of(
    platform: str, given: Mapping[str, str], origins: Origins, public_url: str, org_id: str
) -> MailChannel | TextChannel:
    """``public_url`` is where vendors report to. ValueError for credentials or a platform that make none."""
    match platform:
        case "ses":
            from clarion.channels.ses import SesChannel

            return SesChannel(client_of("sesv2", given), given.get("configurationSet"))
        case "smtp":
            from clarion.channels.smtp import SmtpChannel
            from clarion.channels.smtp_check import server_of

            return SmtpChannel(server_of(given))
        case "sendgrid":
            from clarion.channels.sendgrid import SendGridChannel

            return SendGridChannel(given["apiKey"], origins.of(platform, mail_origin(platform, given)))
        case "mailgun":
            from clarion.channels.mailgun import MailgunChannel

            return MailgunChannel(given["apiKey"], given["domain"], origins.of(platform, mail_origin(platform, given)))
        case "aws-sms":
            from clarion.channels.aws_sms import AwsSmsChannel

            return AwsSmsChannel(client_of("pinpoint-sms-voice-v2", given), given.get("configurationSet"))
        case "twilio":
            from clarion.channels.twilio import API, TwilioChannel

            sid, token = given["accountSid"], given["authToken"]
            return TwilioChannel(sid, sid, token, status_callback(public_url, org_id), origins.of(platform, API))
    raise ValueError(f"{platform} sends neither e-mail nor text messages")


def status_callback(public_url: str, org_id: str) -> str:
    """Where Twilio reports what became of an organisation's messages."""
    return f"{public_url}/connect/webhooks/twilio/{org_id}"
