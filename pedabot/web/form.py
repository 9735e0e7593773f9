"""The parent of all forms."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms.fields import FileField, MultipleFileField


class PageForm(FlaskForm):
    """A form that takes files only where it asks for one: elsewhere they are no text."""

    class Meta(FlaskForm.Meta):
        """How what was sent is read."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Leave out JSON, and files that were sent under the name of another field."""
            if formdata is not None and request.is_json:
                return None
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            files, texts = sent.dicts
            kinds = (FileField, MultipleFileField)
            asked = {field.name for field in form if isinstance(field, kinds)}
            kept = [(name, file) for name, file in files.items(multi=True) if name in asked]
            return CombinedMultiDict([MultiDict(kept), texts])
