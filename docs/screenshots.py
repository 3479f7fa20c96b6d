"""Takes the pictures of `docs/pages.md` from a running demo: `make demo`, then `make screenshots`.

Writes `docs/images/pages/<name>.jpg` and the page that shows them.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from segmenter.embedded.demo import EMAIL  # noqa: E402
from segmenter.embedded.folder import DataFolder  # noqa: E402

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT, MOST_HEIGHT, PHONE = 1440, 900, 1500, 390
QUALITY = 70
MILLISECONDS = 60_000
BUILDER = "/segments/{almost}/edit"


@dataclass(frozen=True)
class Picture:
    """One page. `{segment}` and the like in its path are keys that are read from index pages."""

    name: str
    title: str
    path: str
    width: int = WIDTH
    theme: str = "light"


KEYS = {
    "almost": ("/segments/?q=Almost+there", r'href="/segments/([A-Za-z0-9]{6})/"'),
    "segment": ("/segments/?q=Bought", r'href="/segments/([A-Za-z0-9]{6})/"'),
    "person": ("/profiles/", r'href="(/profiles/[0-9]+/)"'),
    "list": ("/lists/", r'href="(/lists/[A-Za-z0-9]+/?)"'),
    "metric": ("/metrics/", r'href="(/metrics/[A-Za-z0-9]+/?)"'),
    "form": ("/forms/", r'href="(/forms/[A-Za-z0-9]{6}/)"'),
}
PICTURES = (
    Picture("segments", "Segments", "/segments/"),
    Picture("library", "Library", "/library/"),
    Picture("personas", "Personas", "/library/personas"),
    Picture("new-segment", "A new segment", "/segments/new"),
    Picture("builder", "The builder", BUILDER),
    Picture("builder-dark", "The builder in the dark", BUILDER, theme="dark"),
    Picture("builder-phone", "The builder on a phone", BUILDER, width=PHONE),
    Picture("members", "The members of a segment", "/segments/{segment}/"),
    Picture("growth", "Growth", "/segments/{segment}/growth"),
    Picture("definition", "Definition and versions", "/segments/{segment}/definition"),
    Picture("performance", "Performance", "/segments/{segment}/performance"),
    Picture("portrait", "Portrait", "/segments/{segment}/portrait"),
    Picture("overlap", "Overlap", "/segments/{segment}/overlap"),
    Picture("activity", "Activity", "/segments/{segment}/activity"),
    Picture("use", "What a segment is used for", "/segments/{segment}/use"),
    Picture("profiles", "Profiles", "/profiles/"),
    Picture("person", "A person", "{person}"),
    Picture("lists", "Lists", "/lists/"),
    Picture("metrics", "Metrics", "/metrics/"),
    Picture("metric", "A metric", "{metric}"),
    Picture("predictions", "Predictions", "/predictions/"),
    Picture("forms", "Forms", "/forms/"),
    Picture("form", "A form", "{form}"),
    Picture("imports", "Imports", "/imports/"),
    Picture("settings", "Settings", "/settings/"),
    Picture("status", "Status", "/status/"),
)


def main() -> int:
    """Take every picture; the exit code says whether all pages were there."""
    data = DataFolder.from_environment()
    address = data.run / "demo.url"
    if not address.exists():
        print("No demo runs here: start `make demo` first.", file=sys.stderr)
        return 1
    folder = DOCS / "images" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    missing = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            context = browser.new_context(
                base_url=address.read_text().strip(),
                color_scheme=theme,
                viewport={"width": WIDTH, "height": HEIGHT},
            )
            context.set_default_timeout(MILLISECONDS)
            page = context.new_page()
            _sign_in(page, data.secret("demo-login"))
            keys = {name: _key(page, *where) for name, where in KEYS.items()}
            for picture in PICTURES:
                if picture.theme == theme and not _take(page, picture, keys, folder):
                    missing.append(picture.name)
        browser.close()
    (DOCS / "pages.md").write_text(_markdown(), encoding="utf-8")
    if missing:
        print(f"Not there: {', '.join(missing)}", file=sys.stderr)
    return bool(missing)


def _sign_in(page: Page, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("textbox").first.fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")


def _key(page: Page, index: str, pattern: str) -> str:
    """What the first link of an index page that fits the pattern leads to; else nothing."""
    page.goto(index)
    match = re.search(pattern, page.content())
    return match[1] if match else ""


def _take(page: Page, picture: Picture, keys: dict[str, str], folder: Path) -> bool:
    """Take one picture; whether the page was there."""
    page.set_viewport_size({"width": picture.width, "height": HEIGHT})
    path = picture.path
    for name, key in keys.items():
        path = path.replace(f"{{{name}}}", key)
    response = page.goto(path, wait_until="networkidle")
    if response is None or not response.ok or ("{" in picture.path and not path.strip("/")):
        return False
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), MOST_HEIGHT)
    page.set_viewport_size({"width": picture.width, "height": max(height, HEIGHT)})
    page.wait_for_load_state("networkidle")
    file = folder / f"{picture.name}.jpg"
    page.screenshot(path=file, type="jpeg", quality=QUALITY, animations="disabled")
    return True


def _markdown() -> str:
    lines = ["# The pages", "", "Made by `make screenshots` from the demo shop.", ""]
    for picture in PICTURES:
        lines += [f"## {picture.title}", "", f"![{picture.title}](images/pages/{picture.name}.jpg)"]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
