"""How soon a keystroke shows its count: `.venv/bin/python -m bench.keystrokes --password ...`.

Needs a running demo (`make demo`) and Chromium. Types into a condition of five in the builder and
waits each time until the new count is painted. Two waiting times after a key take turns in the same
run, so that a busy machine slows both: those of the page now, and those that `--before` says.
"""

from __future__ import annotations

import argparse
import json
import shutil
from itertools import cycle
from statistics import median, quantiles
from urllib.parse import quote

from playwright.sync_api import Browser, Page, Route, sync_playwright

LETTERS = "shortszx"
NOW = 'hx-trigger="count"'
WATCH = """() => {
  window.times = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  const painted = () => requestAnimationFrame(() => setTimeout(() => {
    if (pressed) { times.push(performance.now() - pressed); pressed = 0; }
  }));
  new MutationObserver(painted).observe(document.getElementById("outlook"), { childList: true });
}"""
SET = {"type": "existence", "operator": "is-set"}
TEXT = {"type": "string", "operator": "contains", "value": "s", "ignore_case": True}


def definition() -> str:
    """Five conditions about properties that every shop has."""
    paths = ["email", "location['country']", "location['city']", "first_name"]
    conditions = [
        {"type": "profile-property", "property": "last_name", "filter": TEXT},
        *({"type": "profile-property", "property": path, "filter": SET} for path in paths),
    ]
    return json.dumps({"condition_groups": [{"conditions": [each]} for each in conditions]})


def keystrokes(browser: Browser, arguments: argparse.Namespace, wait: str) -> list[float]:
    """Milliseconds from key to painted count, with a waiting time (`wait`) after a key."""
    context = browser.new_context(
        base_url=arguments.address, viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.goto("/segments/new")
    page.get_by_role("textbox").first.fill(arguments.email)
    page.get_by_label("Password").fill(arguments.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#rows")

    def replace_wait(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(NOW, wait))

    page.route("**/segments/new?**", replace_wait)
    page.goto(f"/segments/new?definition={quote(definition())}", wait_until="networkidle")
    if wait not in page.content():
        raise AssertionError("the builder does not wait as this program expects")
    box = page.locator('#rows input[aria-label="Text"]').first
    box.press("End")
    page.evaluate(WATCH)
    for letter, _number in zip(
        cycle([*LETTERS, *["Backspace"] * len(LETTERS)]), range(arguments.keys)
    ):
        press(page, letter)
    times: list[float] = page.evaluate("times")
    context.close()
    return times


def press(page: Page, key: str) -> None:
    before = page.evaluate("times.length")
    page.keyboard.press(key)
    for _ in range(500):
        page.wait_for_timeout(20)
        if page.evaluate("times.length") > before:
            return
    raise AssertionError("the count does not come")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="demo@example.com")
    parser.add_argument("--password", required=True)
    parser.add_argument("--before", default='hx-trigger="input delay:120ms"', help="of the form")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=16)
    arguments = parser.parse_args()
    times: dict[str, list[float]] = {arguments.before: [], NOW: []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(arguments.rounds):
            for wait, collection in times.items():
                collection += keystrokes(browser, arguments, wait)
        browser.close()
    for wait, collection in times.items():
        tenth = quantiles(collection, n=10)[-1]
        middle, keys = median(collection), len(collection)
        print(f"{wait}: median {middle:.0f} ms, p90 {tenth:.0f} ms ({keys} keys)")
    print(f"ratio of the medians: {median(times[NOW]) / median(times[arguments.before]):.2f}")


if __name__ == "__main__":
    main()
