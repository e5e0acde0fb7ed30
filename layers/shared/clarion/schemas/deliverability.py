"""The check of a sending domain as the API takes and gives it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from clarion.domain.deliverability import Report
from clarion.domain.finding import Finding, Status
from clarion.domain.model import Model

DomainText = Annotated[str, StringConstraints(min_length=1, max_length=253)]
Selector = Annotated[
    str,
    StringConstraints(
        to_lower=True,
        max_length=100,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*$",
    ),
]


class DeliverabilityCheckRequest(Model):
    """A domain that messages are sent in the name of."""

    domain: DomainText = Field(description="The domain that signs (`d=` of the DKIM-Signature).")
    sender: Annotated[str, StringConstraints(max_length=320)] | None = Field(
        default=None, description="The From address; one of the domain where there is none."
    )
    return_path: DomainText | None = Field(
        default=None,
        description="The domain that bounces go to (`Return-Path`). Known by itself for SES, SMTP and Mailgun.",
    )
    dkim_selectors: list[Selector] = Field(
        default=[], max_length=10, description="`s=` of the DKIM-Signature. Known by itself for SES and SendGrid."
    )


class DeliverabilityReportView(Model):
    domain: str
    from_domain: str
    vendor: str | None = Field(description="The platform that e-mail leaves by: `ses`, `smtp`, `sendgrid`, `mailgun`.")
    return_path: str | None
    status: Status = Field(description="That of the worst finding.")
    findings: tuple[Finding, ...]
    checked_at: datetime

    @classmethod
    def of(cls, report: Report) -> "DeliverabilityReportView":
        return cls(**{name: getattr(report, name) for name in cls.model_fields})
