"""Words of the dashboard in templates: `{% load dashboard %}`."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from dashboard import wording
from sellers import wording as sellers_wording
from ui.tables import pill

register = template.Library()


@register.filter
def length(span: timedelta | None) -> str:
    return wording.length(span)


@register.filter
def within(at: datetime | None, now: datetime) -> str:
    """How long ago, as a length."""
    return wording.length(max(now - at, timedelta(0)) if at else None)


@register.filter
def share(part: float | None) -> str:
    return wording.share(part)


@register.filter
def lag_tone(lag: timedelta | None) -> str:
    return wording.lag_tone(lag)


@register.filter
def seller_state(account: Any) -> SafeString:
    """The seller's state as a pill."""
    label, tone = wording.SELLER_STATES[account.state]
    return pill(label, tone)


@register.filter
def work_kind(kind: str) -> str:
    return sellers_wording.work_kind(kind)


@register.filter
def topic(code: str) -> str:
    return sellers_wording.topic(code)


@register.filter
def logistics(code: str) -> str | Promise:
    return wording.LOGISTICS.get(code, code)


@register.filter
def listing_type(code: str) -> str | Promise:
    return wording.LISTING_TYPES.get(code, code)


@register.filter
def process_name(name: str) -> str | Promise:
    return wording.PROCESSES.get(name, name)


@register.filter
def outcome_tone(outcome: str) -> str:
    return wording.OUTCOME_TONES.get(outcome, "")


@register.filter
def target_tone(state: str) -> str:
    return wording.TARGET_TONES.get(state, "")


@register.filter
def job_tone(state: str) -> str:
    return wording.JOB_TONES.get(state, "")
