"""The churn model: what it may see, and how many false alarms it may cost: ``[model]``."""

from typing import Annotated

from pydantic import Field

from mailsignals.config.section import Section


class ModelSection(Section):
    """``[model]``: how a model that learns from customers who left is trained and used."""

    false_alarms_per_csm_month: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] = 1.0
    """How many false alarms a CSM puts up with in a month; it decides from which probability on an alarm opens."""
    contract: bool = True
    """Whether models may look at the account book too: tier, tenure, renewal date and ARR."""
    hold_back: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    """The share of flags that nobody is shown, drawn by lot, to learn whom a call saves."""
