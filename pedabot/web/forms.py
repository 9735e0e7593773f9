"""The forms: what may come in, how long, and what is said when it may not."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from pedabot.knowledge.document import Difficulty
from pedabot.storage.concerns import REASON_LENGTH
from pedabot.storage.people import Role
from pedabot.teaching.common_passwords import is_common
from pedabot.teaching.names import LONGEST_NAME, NAME_PATTERN, SHORTEST_NAME
from pedabot.teaching.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from pedabot.web import uploads
from pedabot.web.form import PageForm
from pedabot.web.i18n import lazy_gettext as _

PASSWORD_LENGTH = Length(
    min=MINIMUM_LENGTH,
    max=MAXIMUM_LENGTH,
    message=_("Entre %(min)d et %(max)d caractères : quatre mots au hasard conviennent bien."),
)
USERNAME_RULES = (
    DataRequired(_("Choisis un nom.")),
    Length(min=SHORTEST_NAME, max=LONGEST_NAME, message=_("Entre 2 et 32 caractères.")),
    Regexp(
        NAME_PATTERN,
        message=_("Lettres, chiffres, espaces, points, tirets et apostrophes seulement."),
    ),
)


def _not_common(form: PageForm, field: Any) -> None:
    """Refuse what others would try first; the form knows the name of the account."""
    name = form.username.data if "username" in form else form.owner
    if is_common(field.data or "", name or ""):
        raise ValidationError(
            _("Ce mot de passe est trop connu : quatre mots au hasard conviennent bien.")
        )


PASSWORD_RULES = (PASSWORD_LENGTH, _not_common)
LEVELS = [
    SelectChoice(Difficulty.BEGINNER.value, _("Débutant")),
    SelectChoice(Difficulty.INTERMEDIATE.value, _("Intermédiaire")),
    SelectChoice(Difficulty.ADVANCED.value, _("Avancé")),
]


def _not_blank(form: PageForm, field: Any) -> None:
    if not (field.data or "").strip():
        raise ValidationError(_("Écris d'abord ta question."))


def _not_too_long(form: PageForm, field: Any) -> None:
    limit = current_app.config["PEDABOT_MAX_QUESTION_LENGTH"]
    if len(field.data or "") > limit:
        raise ValidationError(
            _("Ta question dépasse %(limit)s caractères : garde l'essentiel.", limit=limit)
        )


class QuestionForm(PageForm):
    """A question to the tutor."""

    text = TextAreaField(_("Ta question"), [_not_blank, _not_too_long])
    level = RadioField(_("Niveau"), choices=LEVELS, default=Difficulty.BEGINNER.value)
    subtopic = HiddenField(validators=[Optional(), Length(max=64)])
    classroom = HiddenField(validators=[Optional(), Length(max=24)])
    files = MultipleFileField(_("Joindre des fichiers"), [uploads.check_files])

    @property
    def first_error(self) -> Any:
        """What is said first of a form that was refused."""
        return next(iter(self.errors.values()))[0]


class LevelForm(PageForm):
    """The level of the answers."""

    level = RadioField(_("Niveau"), choices=LEVELS)


class FeedbackForm(PageForm):
    """A thumb, with a reason."""

    helpful = BooleanField()
    reason = StringField(_("Pourquoi ?"), [Length(max=500, message=_("500 caractères au plus."))])


class TitleForm(PageForm):
    """A new title for a conversation."""

    title = StringField(
        _("Titre"),
        [
            DataRequired(_("Donne un titre.")),
            Length(max=80, message=_("80 caractères au plus.")),
        ],
    )


class ReportForm(PageForm):
    """Why a student reports an answer."""

    reason = StringField(
        _("Qu'est-ce qui ne va pas ?"),
        [
            DataRequired(_("Dis en quelques mots ce qui ne va pas.")),
            Length(max=REASON_LENGTH, message=_("500 caractères au plus.")),
        ],
    )


class CorrectionForm(PageForm):
    """What a teacher writes in the place of an answer."""

    text = TextAreaField(
        _("Votre réponse"),
        [
            DataRequired(_("Écrivez la réponse que l'étudiant doit lire.")),
            Length(max=20_000, message=_("20 000 caractères au plus.")),
        ],
    )


class NoteForm(PageForm):
    """A teacher's words about an answer; none takes them away."""

    text = StringField(
        _("Note"), [Optional(), Length(max=1000, message=_("1 000 caractères au plus."))]
    )


class SignInForm(PageForm):
    """Name and password."""

    username = StringField(_("Nom"), [DataRequired(_("Indiquez votre nom.")), Length(max=64)])
    password = PasswordField(
        _("Mot de passe"), [DataRequired(_("Indiquez votre mot de passe.")), Length(max=128)]
    )


class JoinForm(PageForm):
    """A student joins a class: code, pseudonym, password; no e-mail."""

    code = StringField(_("Code de la classe"), [DataRequired(_("Écris le code.")), Length(max=20)])
    username = StringField(_("Pseudonyme"), USERNAME_RULES)
    password = PasswordField(
        _("Mot de passe"), [DataRequired(_("Choisis un mot de passe.")), *PASSWORD_RULES]
    )


class CodeForm(PageForm):
    """A student who has an account joins one more class."""

    code = StringField(_("Code de la classe"), [DataRequired(_("Écris le code.")), Length(max=20)])


class NewPasswordForm(PageForm):
    """A password, twice, for the account named ``owner``."""

    def __init__(self, *args: Any, owner: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner

    password = PasswordField(
        _("Nouveau mot de passe"), [DataRequired(_("Écrivez un mot de passe.")), *PASSWORD_RULES]
    )
    repeated = PasswordField(
        _("Le même, encore une fois"),
        [EqualTo("password", _("Les deux mots de passe diffèrent."))],
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password, and the new one twice."""

    current = PasswordField(
        _("Mot de passe actuel"), [DataRequired(_("Indiquez votre mot de passe actuel."))]
    )


class PasswordConfirmationForm(PageForm):
    """Whoever is signed in proves it before something that cannot be undone."""

    confirmation = PasswordField(
        _("Mot de passe de votre compte"),
        [DataRequired(_("Indiquez votre mot de passe.")), Length(max=MAXIMUM_LENGTH)],
    )


class NameConfirmationForm(PageForm):
    """The same for an account that only the school's account opens: it has no password."""

    confirmation = StringField(
        _("Nom de votre compte"),
        [DataRequired(_("Recopiez le nom de votre compte.")), Length(max=64)],
    )


class ClassForm(PageForm):
    """A class."""

    name = StringField(
        _("Nom de la classe"),
        [
            DataRequired(_("Donnez un nom à la classe.")),
            Length(max=80, message=_("80 caractères au plus.")),
        ],
    )


class ColleagueForm(PageForm):
    """A teacher is asked into the team of a class."""

    username = StringField(
        _("Nom de son compte"), [DataRequired(_("Indiquez le nom de son compte.")), Length(max=64)]
    )


class SchoolAccountForm(PageForm):
    """A new account for somebody whom the school vouches for; students give a code as well."""

    username = StringField(_("Pseudonyme"), USERNAME_RULES)
    code = StringField(_("Code de la classe"), [DataRequired(_("Écris le code.")), Length(max=20)])


class FirstCodeForm(PageForm):
    """The code of a printed card, with which somebody sets the first password."""

    code = StringField(_("Code de ta fiche"), [DataRequired(_("Écris le code.")), Length(max=40)])


class AccountForm(PageForm):
    """A teacher's or administrator's account, made by an administrator."""

    username = StringField(_("Nom"), USERNAME_RULES)
    role = RadioField(
        _("Rôle"),
        choices=[
            SelectChoice(Role.TEACHER.value, _("Enseignant")),
            SelectChoice(Role.ADMIN.value, _("Administrateur")),
        ],
        default=Role.TEACHER.value,
    )
