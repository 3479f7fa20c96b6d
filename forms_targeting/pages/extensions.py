"""Forms in the search of everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forms_targeting.models import Form, FormStatus
from segmenter.kernel.search import Hit, Search, searches


def _find(account_id: int, words: str, limit: int) -> list[Hit]:
    forms = Form.objects.filter(account=account_id, name__icontains=words)
    forms = forms.exclude(status=FormStatus.ARCHIVED).order_by("-updated", "-pk")
    return [
        Hit(
            form.name,
            reverse("forms_targeting:form", args=[form.key]),
            str(FormStatus(form.status).label),
        )
        for form in forms[:limit]
    ]


searches.add("forms", Search(_("Forms"), "forms", 35, _find))
