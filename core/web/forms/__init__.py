"""Forms: what was typed survives an error, errors sit beside the field and in a summary, one press has one effect."""

from core.web.forms.base import Form
from core.web.forms.fields import CountField, DayField, InstantField, MoneyField, RateField
from core.web.forms.files import FileField

__all__ = ["CountField", "DayField", "FileField", "Form", "InstantField", "MoneyField", "RateField"]
