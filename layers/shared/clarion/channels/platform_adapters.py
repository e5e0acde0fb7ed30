"""The adapter that an organisation's own credentials make of a platform."""

from collections.abc import Mapping

from clarion.channels.aws_checks import client_of
from clarion.channels.credential_checks import mail_origin
from clarion.channels.origins import Origins
from clarion.domain.connection import Secrets
from clarion.domain.mail import MailChannel
from clarion.domain.post import Drafts, PostChannel
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
            from clarion.channels.twilio import API, TwilioChannel, status_callback

            sid, token = given["accountSid"], given["authToken"]
            return TwilioChannel(sid, sid, token, status_callback(public_url, org_id), origins.of(platform, API))
    raise ValueError(f"{platform} sends neither e-mail nor text messages")


def post_channel_of(platform: str, profile_id: str, secrets: Secrets, origins: Origins, drafts: Drafts) -> PostChannel:
    """For posts of one profile; ValueError for a platform, or a profile, that there are no tokens for."""
    token = secrets.tokens.access if secrets.tokens else ""
    if platform in ("facebook", "instagram"):
        token = secrets.profile_tokens.get(profile_id, "")
    if not token:
        raise ValueError(f"there is no token for this profile of {platform}")
    match platform:
        case "facebook" | "instagram":
            from clarion.channels.facebook_page import FacebookPageChannel
            from clarion.channels.graph import GRAPH, Graph
            from clarion.channels.instagram import InstagramChannel

            graph = Graph(token, secrets.credentials["clientSecret"], origins.of(platform, GRAPH))
            return FacebookPageChannel(graph) if platform == "facebook" else InstagramChannel(graph, drafts)
        case "linkedin":
            from clarion.channels.linkedin import API, LinkedInChannel

            return LinkedInChannel(token, origins.of(platform, API))
        case "x":
            from clarion.channels.x import XChannel
            from clarion.channels.x_client import API as X_API
            from clarion.channels.x_client import XClient

            return XChannel(XClient(token, origins.of(platform, X_API)), drafts)
    raise ValueError(f"{platform} takes no posts")
