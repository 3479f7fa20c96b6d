"""Forms, their versions, and what visitors saw and submitted."""

from forms_targeting.models.consent_proof import ConsentProof, OptIn, ProofSource
from forms_targeting.models.form import Form, FormStatus, FormVariant, FormVersion
from forms_targeting.models.site import Site
from forms_targeting.models.view_count import FormViewCount
from forms_targeting.models.visit_log import Device, FormSubmission, FormView

__all__ = [
    "ConsentProof",
    "Device",
    "Form",
    "FormStatus",
    "FormSubmission",
    "FormVariant",
    "FormVersion",
    "FormView",
    "FormViewCount",
    "OptIn",
    "ProofSource",
    "Site",
]
