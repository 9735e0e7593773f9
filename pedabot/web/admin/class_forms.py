"""The form of a class's settings: blank fields leave the choice to the school."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from flask import current_app
from wtforms import (
    BooleanField,
    FieldList,
    FloatField,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from pedabot.knowledge.document import Difficulty
from pedabot.settings import SETTINGS
from pedabot.storage.class_settings import ClassSettings, OpeningHours
from pedabot.web.form import PageForm
from pedabot.web.forms import LEVELS
from pedabot.web.i18n import decimal
from pedabot.web.i18n import lazy_gettext as _

MICRO = 1_000_000
MOST_SLOTS = 6
LARGEST_BUDGET = 100_000
SHORTEST_ANSWER = 50
WEEK = [
    SelectChoice("0", _("Lun.")),
    SelectChoice("1", _("Mar.")),
    SelectChoice("2", _("Mer.")),
    SelectChoice("3", _("Jeu.")),
    SelectChoice("4", _("Ven.")),
    SelectChoice("5", _("Sam.")),
    SelectChoice("6", _("Dim.")),
]
# What a form and a class's settings have under one name and in one shape.
SAME_SHAPE = (
    "guided",
    "models",
    "temperature",
    "max_tokens",
    "questions_per_minute",
    "questions_per_hour",
    "questions_per_day",
    "days_kept",
)
BUDGETS = ("budget_per_day", "budget_per_month")


class CheckboxesField(SelectMultipleField):
    """Several choices, each with its box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DecimalCommaField(FloatField):
    """A number that may be written with a comma, as in French, or with a point."""

    widget = TextInput()  # a browser's own field for numbers would refuse the comma

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; spaces and a euro sign around it do no harm."""
        text = "".join(valuelist).replace(",", ".").replace("€", "")
        text = "".join(text.split())
        try:
            self.data = float(text) if text else None
        except ValueError as error:
            self.data = None
            raise ValueError(_("Un nombre, par exemple 2,50, ou rien.")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else decimal(self.data)


class HourField(TimeField):
    """A time of the day, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time, unless nothing was written."""
        if any(valuelist):
            super().process_formdata(valuelist)


class SlotForm(Form):
    """Hours on some days of the week; all blank: no such hours."""

    days = CheckboxesField(_("Jours"), choices=WEEK)
    opens = HourField(_("De"))
    closes = HourField(_("À"))

    def validate_days(self, field: Any) -> None:
        """Refuse hours without a day, and days without hours."""
        if not field.data and (self.opens.data or self.closes.data):
            raise ValidationError(_("Cochez les jours de cette plage."))

    def validate_closes(self, field: Any) -> None:
        """Refuse hours that end before they begin."""
        opens, closes = self.opens.data, field.data
        complete = opens is not None and closes is not None
        if not complete and (self.days.data or opens or closes):
            raise ValidationError(_("Indiquez le début et la fin, par exemple 8:00 et 18:00."))
        if complete and opens >= closes:
            raise ValidationError(_("La fin doit venir après le début, le même jour."))


def _whole_number(label: Any, low: int, high: int, message: Any) -> Any:
    return IntegerField(label, [Optional(), NumberRange(low, high, message)])


class ClassSettingsForm(PageForm):
    """What a class decides for itself."""

    level = RadioField(_("Niveau de départ"), choices=LEVELS)
    guided = BooleanField(_("Guider par des questions avant d'expliquer"))
    models = CheckboxesField(_("Modèles permis"))
    temperature = DecimalCommaField(_("Liberté de ton"), [Optional()])
    max_tokens = IntegerField(_("Longueur d'une réponse, en jetons"), [Optional()])
    questions_per_minute = _whole_number(_("Par minute"), 1, 60, _("Un nombre de 1 à 60, ou rien."))
    questions_per_hour = _whole_number(_("Par heure"), 1, 600, _("Un nombre de 1 à 600, ou rien."))
    questions_per_day = _whole_number(_("Par jour"), 1, 5000, _("Un nombre de 1 à 5000, ou rien."))
    budget_per_day = DecimalCommaField(_("Par jour, en euros"), [Optional()])
    budget_per_month = DecimalCommaField(_("Par mois, en euros"), [Optional()])
    days_kept = _whole_number(
        _("Jours de conservation"), 7, 3650, _("Un nombre de 7 à 3650 jours, ou rien.")
    )
    opening_hours = FieldList(FormField(SlotForm), max_entries=MOST_SLOTS)

    def validate_temperature(self, field: Any) -> None:
        """Keep the school's bounds."""
        low, high = temperature_bounds()
        if field.data is not None and not low <= field.data <= high:
            raise ValidationError(
                _("Un nombre de %(low)s à %(high)s, ou rien.", low=decimal(low), high=decimal(high))
            )

    def validate_max_tokens(self, field: Any) -> None:
        """Keep the school's bounds."""
        high = current_app.config["PEDABOT_MAX_TOKENS"]
        if field.data is not None and not SHORTEST_ANSWER <= field.data <= high:
            raise ValidationError(
                _("Un nombre de %(low)s à %(high)s, ou rien.", low=SHORTEST_ANSWER, high=high)
            )

    def validate_budget_per_day(self, field: Any) -> None:
        """Refuse what is no sum of money."""
        _check_budget(field)

    def validate_budget_per_month(self, field: Any) -> None:
        """Refuse what is no sum of money, and a month that is poorer than one of its days."""
        _check_budget(field)
        day = self.budget_per_day.data
        if field.data is not None and day is not None and field.data < day:
            raise ValidationError(_("Un mois ne peut pas recevoir moins qu'un seul de ses jours."))


def _check_budget(field: Any) -> None:
    if field.data is not None and not 0 <= field.data <= LARGEST_BUDGET:
        raise ValidationError(_("Une somme de 0 à 100 000 euros, ou rien."))


def temperature_bounds() -> tuple[float, float]:
    """Return the lowest and the highest temperature that the school allows."""
    setting = next(row for row in SETTINGS if row.name == "PEDABOT_TEMPERATURE")
    return float(setting.minimum or 0), float(setting.maximum or 1)


def settings_form(settings: ClassSettings, models: Iterable[str]) -> ClassSettingsForm:
    """Return the form filled with what was posted, or else with the settings of the class."""
    form = ClassSettingsForm(data=_as_data(settings))
    form.models.choices = [
        SelectChoice(name, name) for name in dict.fromkeys([*models, *settings.models])
    ]
    if not form.is_submitted() and len(form.opening_hours) < MOST_SLOTS:
        form.opening_hours.append_entry()
    return form


def _as_data(settings: ClassSettings) -> dict[str, Any]:
    budgets = {name: getattr(settings, name) for name in BUDGETS}
    return {
        **{name: getattr(settings, name) for name in SAME_SHAPE},
        **{name: None if sum_ is None else sum_ / MICRO for name, sum_ in budgets.items()},
        "level": settings.level.value,
        "opening_hours": [
            {
                "days": [str(day) for day in slot["days"]],
                "opens": time.fromisoformat(slot["opens"]),
                "closes": time.fromisoformat(slot["closes"]),
            }
            for slot in settings.opening_hours
        ],
    }


def apply(form: ClassSettingsForm, settings: ClassSettings) -> None:
    """Write a valid form into the settings (the caller commits)."""
    for name in SAME_SHAPE:
        setattr(settings, name, form[name].data)
    for name in BUDGETS:
        euros = form[name].data
        setattr(settings, name, None if euros is None else round(euros * MICRO))
    settings.level = Difficulty(form.level.data)
    settings.opening_hours = [_as_slot(slot) for slot in form.opening_hours.data if slot["days"]]


def _as_slot(slot: dict[str, Any]) -> OpeningHours:
    return OpeningHours(
        days=sorted(int(day) for day in slot["days"]),
        opens=slot["opens"].strftime("%H:%M"),
        closes=slot["closes"].strftime("%H:%M"),
    )
