"""The environment, read once and typed."""

import os
from functools import cache
from typing import NamedTuple


class Settings(NamedTuple):
    """What the template tells the functions; an unset variable is the empty string."""

    table_name: str
    bucket_name: str
    plan_queue_url: str
    send_queue_url: str
    import_queue_url: str
    export_queue_url: str
    entry_queue_url: str
    user_pool_id: str
    user_pool_client_id: str
    public_url: str
    tracking_keys: str
    email_from: str
    sender_domains: str
    email_channel: str
    smtp_url: str
    ses_configuration_set: str
    watched_queues: str
    dead_letter_queues: str
    counting_function: str
    secrets_prefix: str
    oauth_state_secret: str
    vendor_urls: str
    development_channels: str


@cache
def settings() -> Settings:
    """The settings of this function."""
    return Settings(**{name: os.environ.get(name.upper(), "") for name in Settings._fields})
