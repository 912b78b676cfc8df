"""Which control a field is drawn with, whatever class it was derived from."""

from wtforms import BooleanField, Field
from wtforms.fields.choices import SelectFieldBase
from wtforms.widgets import Select

from core.web.forms.fields import MoneyField, RateField


def control(field: Field) -> str:
    """'check' one box, 'choices' a set of boxes or radio buttons, 'select', 'figure' with its unit, or 'text'."""
    if isinstance(field, BooleanField):
        return "check"
    if isinstance(field, SelectFieldBase):
        return "select" if isinstance(field.widget, Select) else "choices"
    return "figure" if isinstance(field, (MoneyField, RateField)) else "text"
