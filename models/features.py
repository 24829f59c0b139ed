"""The features of the scorecard, by block.

The blocks and signs were fixed without data of any company. They define the direction of risk, not its size.
"""

import polars as pl

from models.feature import (
    Feature,
    against_own,
    cusum,
    days_since,
    drift,
    expected_events,
    mean_hours,
    own,
    rate,
    ratio_a_mail,
    reply_share,
    usual_pause,
)

_LESS, _MORE = -1, 1
_CONTACTS_BEFORE = own(pl.col("contacts_90_before_90"))
_SURPRISE = (pl.col("inbound_60") - expected_events("inbound", 60)) / (
    expected_events("inbound", 60) + 1
).sqrt()


def _active_days(days: int) -> Feature:
    return Feature(
        name=f"active_days_{days}",
        signal="inbound",
        block="activity",
        sign=_LESS,
        expr=against_own("active_days", days),
        value=pl.col(f"active_days_{days}"),
        usual=expected_events("active_days", days),
        text=f"They wrote on {{value}} of the last {days} days (usually {{usual:~}}).",
    )


def _customer_reply_time(days: int) -> Feature:
    return Feature(
        name=f"customer_reply_time_{days}",
        signal="customer_response_hours_median",
        block="response",
        sign=_MORE,
        expr=drift("customer_log_hours", "customer_replies", days),
        value=mean_hours("customer_log_hours", "customer_replies", f"{days}"),
        usual=mean_hours("customer_log_hours", "customer_replies", "past"),
        text=f"Their response time over {days} days was {{value:business hour}} (usually {{usual:business hour}}).",
    )


FEATURES = (
    Feature(
        name="inbound_30",
        signal="inbound",
        block="activity",
        sign=_LESS,
        expr=against_own("inbound", 30),
        value=pl.col("inbound_30"),
        usual=expected_events("inbound", 30),
        text="They sent {value:email} in the last 30 days (usually {usual:~}).",
    ),
    _active_days(60),
    _active_days(90),
    Feature(
        name="inbound_60_surprise",
        signal="inbound",
        block="activity",
        sign=_LESS,
        expr=_SURPRISE,
        value=pl.col("inbound_60"),
        usual=expected_events("inbound", 60),
        text="They sent {value:email} in the last 60 days (usually {usual:~}).",
    ),
    Feature(
        name="halved_activity",
        signal="inbound",
        block="activity",
        sign=_MORE,
        expr=cusum("active_days", 0.5),
        value=pl.col("active_days_60"),
        usual=expected_events("active_days", 60),
        text="They have been writing less for weeks: on {value} of the last 60 days (usually {usual:~}).",
    ),
    Feature(
        name="silence",
        signal="days_since_inbound",
        block="activity",
        sign=_MORE,
        expr=((days_since("last_inbound_at") + 1) / (usual_pause() + 1)).log(),
        value=days_since("last_inbound_at"),
        usual=usual_pause(),
        text="They have been silent for {value:_day} (usual pause: {usual:~day}).",
    ),
    _customer_reply_time(90),
    _customer_reply_time(30),
    Feature(
        name="checkins_answered_against_own",
        signal="thread_response_rate",
        block="response",
        sign=_LESS,
        expr=(pl.col("replied_90") + reply_share("past")) / (pl.col("asked_90") + 1) - reply_share("past"),
        value=reply_share("90"),
        usual=reply_share("past"),
        text="They answered {value:%} of check-ins in the last 90 days within a week (usually {usual:%}).",
    ),
    Feature(
        name="checkins_answered",
        signal="thread_response_rate",
        block="response",
        sign=_LESS,
        expr=reply_share("90"),
        value=reply_share("90"),
        text="They answered {value:%} of check-ins in the last 90 days within a week.",
    ),
    Feature(
        name="contacts_against_before",
        signal="active_contacts",
        block="breadth",
        sign=_LESS,
        expr=((pl.col("contacts_90") + 1) / (_CONTACTS_BEFORE + 1)).log(),
        value=pl.col("contacts_90"),
        usual=_CONTACTS_BEFORE,
        text="{value:~contact} wrote in the last 90 days ({usual:~} in the 90 days before).",
    ),
    Feature(
        name="contacts",
        signal="active_contacts",
        block="breadth",
        sign=_LESS,
        expr=pl.col("contacts_90").log1p(),
        value=pl.col("contacts_90"),
        text="{value:~contact} wrote in the last 90 days.",
    ),
    Feature(
        name="urgency",
        signal="urgent",
        block="friction",
        sign=_MORE,
        expr=pl.col("urgent_90") / (pl.col("inbound_90") + 1),
        value=pl.col("urgent_90"),
        usual=90 * rate("urgent"),
        text="They sent {value:urgent email} in the last 90 days (usually {usual:~}).",
    ),
    Feature(
        name="copied_people",
        signal="copied",
        block="friction",
        sign=_MORE,
        expr=(
            (pl.col("copied_60") + ratio_a_mail("copied", "past") + 1)
            / ((pl.col("inbound_60") + 1) * (ratio_a_mail("copied", "past") + 1))
        ).log(),
        value=ratio_a_mail("copied", "60"),
        usual=ratio_a_mail("copied", "past"),
        text="They CC more colleagues than usual.",
    ),
    Feature(
        name="doubled_support",
        signal="inbound_support",
        block="friction",
        sign=_MORE,
        expr=cusum("support", 2.0),
        value=pl.col("support_60"),
        usual=expected_events("support", 60),
        text="They have been asking support more for weeks: {value:email} in the last 60 days (usually {usual:~}).",
    ),
    Feature(
        name="our_silence",
        signal="days_since_outbound",
        block="ours",
        sign=_MORE,
        expr=days_since("last_outbound_at").log1p(),
        value=days_since("last_outbound_at"),
        text="Your team has not written to them for {value:_day}.",
    ),
    Feature(
        name="our_reply_time",
        signal="response_hours_median",
        block="ours",
        sign=_MORE,
        expr=drift("our_log_hours", "our_replies", 90),
        value=mean_hours("our_log_hours", "our_replies", "90"),
        usual=mean_hours("our_log_hours", "our_replies", "past"),
        text="Our response time over 90 days was {value:business hour} (usually {usual:business hour}).",
    ),
)
