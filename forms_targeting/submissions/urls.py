from __future__ import annotations

from django.urls import path, re_path

from forms_targeting.submissions.confirm_views import confirm_view
from forms_targeting.submissions.views import FormSubmissionsView, FormViewsView

urlpatterns = [
    re_path(r"^client/form-submissions/?$", FormSubmissionsView.as_view()),
    re_path(r"^client/form-views/?$", FormViewsView.as_view()),
    path("forms/confirm/<str:token>", confirm_view, name="confirm"),
]
