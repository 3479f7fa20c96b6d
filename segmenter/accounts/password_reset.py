"""Password reset: the operator voids a password and gets a link with which the person sets another.

Owners cannot do it: such a link gives access to all of the person's seats, also in other accounts
(ADR 15). The token is Django's: valid until the next password, or PASSWORD_RESET_TIMEOUT.
"""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import User, normal_email
from segmenter.kernel.errors import NotFound


def void_password(*, email: str) -> str:
    """Void a user's password and sessions and return the secret of a link to set another.

    They end at once, not when the link is used: otherwise a person who knows the old password
    could sign in until then. Raises NotFound.
    """
    with transaction.atomic():
        user = (
            User.objects.select_for_update()
            .filter(email=normal_email(email), is_active=True)
            .first()
        )
        if user is None:
            raise NotFound(f"The user {normal_email(email)}")
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return f"{user.pk}.{default_token_generator.make_token(user)}"


def find_reset_user(secret: str) -> User | None:
    """Return the user of the link with this secret, or None if it is void."""
    number, _dot, token = secret.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    user = User.objects.filter(pk=int(number), is_active=True).first()
    return user if default_token_generator.check_token(user, token) else None


def set_password_by_link(*, secret: str, password: str) -> User:
    """Set the password; the link becomes void. Raises NotFound if it was void already."""
    with transaction.atomic():
        user = find_reset_user(secret)
        if user is not None:
            User.objects.select_for_update().get(pk=user.pk)
            user = find_reset_user(secret)  # the link may have been used meanwhile
        if user is None:
            raise NotFound(_("The link"))
        user.choose_password(password)
        return user
