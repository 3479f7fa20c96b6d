"""JSON:API documents: reads documents of requests, and makes answers and errors.

Knows no types of resources. `request_body` reads bodies; `collection` and `filtering` read query
parameters.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn
from uuid import uuid4

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework.exceptions import APIException

from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segmenter.kernel.json_pointer import child

MEDIA_TYPE = "application/vnd.api+json"
MOST_ERRORS = 100
"""Most errors in one answer; with more, `meta.error_count` is their number."""
PREFIXES = ("/api/", "/client/", "/forms/api/")
"""URLs whose answers, also errors, are JSON:API documents."""
_TITLES = {
    400: "Invalid input.",
    401: "Authentication failed.",
    403: "Permission denied.",
    404: "Not found.",
    405: "Method not allowed.",
    409: "Conflict.",
    411: "Length required.",
    413: "Payload too large.",
    415: "Unsupported media type.",
    429: "Too many requests.",
    503: "Service unavailable.",
}
_CODES = {400: "invalid", 403: "permission_denied", 404: "not_found", 405: "method_not_allowed"}
_ROUTE = "There is nothing at this address."
_BROKEN = "Something broke on the server. It has been recorded under this error's id."
_BUSY = "The server cannot store or read anything at the moment. Try again shortly."

logger = logging.getLogger(__name__)


class ApiError(ApplicationError):
    """An error of the API with its own status, query parameter, or meta."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        pointer: str = "",
        parameter: str | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(Problem(pointer, code, detail))
        self.status = status
        self.parameter = parameter
        self.meta = dict(meta or {})


def refuse(pointer: str, code: str, message: str) -> NoReturn:
    """Raise Invalid for a place in the request's document."""
    raise Invalid(Problem(pointer, code, message))


def refuse_parameter(parameter: str, message: str) -> NoReturn:
    """Raise a 400 for a query parameter."""
    raise ApiError(400, "invalid", message, parameter=parameter)


def read_resource(
    holder: Any, type_: str, pointer: str = ""
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the `data` of a document of one resource, and its `attributes`.

    `holder` is at `pointer`. Raises Invalid if it is not of the form
    {"data": {"type": type_, "attributes": {...}}}; attributes may be absent.
    """
    if not isinstance(holder, dict):
        refuse(pointer, "invalid", f'An object is needed here: {{"data": {{"type": "{type_}"}}}}.')
    return read_data(holder.get("data"), type_, f"{pointer}/data")


def read_data(data: Any, type_: str, pointer: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a resource object, which is at `pointer`, and its attributes."""
    if data is None:
        refuse(pointer, "required", f"A resource of type {type_} is missing here.")
    if not isinstance(data, dict):
        refuse(pointer, "invalid", f"A resource of type {type_} is an object.")
    if data.get("type") != type_:
        refuse(f"{pointer}/type", "invalid", f'The type must be "{type_}".')
    attributes = data.get("attributes")
    if attributes is None:
        return data, {}
    if not isinstance(attributes, dict):
        refuse(f"{pointer}/attributes", "invalid", "Attributes are an object.")
    return data, attributes


def check_names(
    names: Iterable[str], allowed: frozenset[str], pointer: str, kind: str = "attribute"
) -> None:
    """Raise Invalid for unknown names, so that typing errors are not ignored."""
    message = f"There is no {kind} of this name here."
    unknown = [child(pointer, name) for name in names if name not in allowed]
    if unknown:
        raise Invalid(*(Problem(place, "invalid", message) for place in unknown))


def answer(document: Any = None, status: int = 200) -> HttpResponse:
    """An answer with a document, or with an empty body."""
    body = b"" if document is None else _dump(document)
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


def _dump(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")  # a pointer may repeat a key with lone surrogates


def error_object(
    status: int,
    problem: Problem,
    *,
    parameter: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One member of `errors`. A problem without a pointer is about the whole document."""
    error: dict[str, Any] = {
        "id": str(uuid4()),
        "status": status,
        "code": problem.code,
        "title": _TITLES.get(status, "Server error." if status >= 500 else "Request refused."),
        "detail": problem.message,
        "source": {"parameter": parameter} if parameter else {"pointer": problem.pointer},
    }
    return {**error, "meta": dict(meta)} if meta else error


def errors(*objects: Mapping[str, Any], status: int) -> HttpResponse:
    return answer({"errors": list(objects)}, status)


def answer_exception(exception: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer any exception of an API view (called by Django REST framework).

    Unexpected exceptions are logged with the error's id.
    """
    if isinstance(exception, ApplicationError):
        return _application_error(exception)
    if isinstance(exception, APIException):
        return _framework_error(exception)
    if isinstance(exception, Http404):
        return plain_error(404, "not_found", "It was not found.")
    if isinstance(exception, PermissionDenied):
        return plain_error(403, "permission_denied", "This is not allowed.")
    if isinstance(exception, UnreadablePostError):
        return plain_error(400, "incomplete", "The body ended before its announced length.")
    if isinstance(exception, SuspiciousOperation):
        return plain_error(400, "invalid", "The request is not well-formed.")
    unavailable = isinstance(exception, OperationalError | InterfaceError)
    status, code = (503, "service_unavailable") if unavailable else (500, "server_error")
    error = error_object(status, Problem("", code, _BUSY if unavailable else _BROKEN))
    request = context.get("request")
    logger.error("API error %s: %r", error["id"], exception, exc_info=exception)
    if not unavailable:
        got_request_exception.send(sender=answer_exception, request=request)
    response = errors(error, status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django asks; once is enough
    if unavailable:
        response["Retry-After"] = "1"
    return response


def plain_error(status: int, code: str, detail: str) -> HttpResponse:
    """An answer with one error without a pointer."""
    return errors(error_object(status, Problem("", code, detail)), status=status)


def _application_error(error: ApplicationError) -> HttpResponse:
    parameter, meta = getattr(error, "parameter", None), getattr(error, "meta", None)
    problems = list(dict.fromkeys(error.problems))
    listed = [
        error_object(error.status, problem, parameter=parameter, meta=meta)
        for problem in problems[:MOST_ERRORS]
    ]
    if len(problems) > MOST_ERRORS:
        document = {"errors": listed, "meta": {"error_count": len(problems)}}
        return answer(document, error.status)
    return errors(*listed, status=error.status)


def _framework_error(error: APIException) -> HttpResponse:
    code = error.get_codes()
    if not isinstance(code, str):
        code = error.default_code
    detail = str(error.detail) if isinstance(error.detail, str) else str(error.default_detail)
    response = plain_error(error.status_code, code, detail)
    for header, attribute in (("WWW-Authenticate", "auth_header"), ("Retry-After", "wait")):
        value = getattr(error, attribute, None)
        if value is not None:
            response[header] = str(value)
    return response


class AnswersInJson:
    """Outermost middleware: every error under the API's prefixes is a JSON:API document.

    Also for unknown routes, wrong hosts, and failures before or after a view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIXES):
            return response
        if response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        status = response.status_code
        details = {404: _ROUTE, 403: "This is not allowed."}
        if status >= 500:
            return plain_error(status, "server_error", _BROKEN)
        code = _CODES.get(status, "invalid")
        return plain_error(status, code, details.get(status, "The request is not well-formed."))
