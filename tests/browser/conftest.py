"""What browser journeys stand on: Chromium, a live site with its real assets, and people who have
logged in."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.signals import request_finished, request_started
from playwright.sync_api import BrowserContext, Page

from hotline.embedded import assets
from tests.makers import client_of

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's own thread
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """Without a browser these tests are skipped, and say why."""
    skip = pytest.mark.skip(reason="no Chromium on this machine (set CHROMIUM to its path)")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    size = {"width": 1366, "height": 768}
    return {**browser_context_args, "viewport": size, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session", autouse=True)
def pages_have_their_assets():
    """htmx, Tabler and the icons, as `./run` installs them."""
    assets.build(Path(settings.DATA_DIR))


class UnderWay:
    """Requests that the live server answers just now: they must not meet a database that the next test
    empties."""

    def __init__(self) -> None:
        self.count, self.changed = 0, threading.Condition()

    def began(self, **kwargs) -> None:
        with self.changed:
            self.count += 1

    def ended(self, **kwargs) -> None:
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def wait_for_none(self) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.count <= 0, timeout=10)


@pytest.fixture
def under_way():
    requests = UnderWay()
    request_started.connect(requests.began)
    request_finished.connect(requests.ended)
    yield requests
    request_started.disconnect(requests.began)
    request_finished.disconnect(requests.ended)


@pytest.fixture
def sign_in(live_server, context: BrowserContext, under_way: UnderWay):
    """`sign_in(user, language="zh-hans")`: a page in which that person has logged in."""

    def sign_in(user, language: str = "zh-hans") -> Page:
        session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: language}
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        return context.new_page()

    yield sign_in
    context.set_offline(True)  # what a closing page still wants to save
    context.close()
    under_way.wait_for_none()


@pytest.fixture
def violations():
    """`violations(page)`: what axe finds wrong on the page, as sentences."""

    def violations(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{rule['id']}: {node['target']} {rule['help']}" for rule in found for node in rule["nodes"]]

    return violations


@pytest.fixture
def faults_at_all_sizes(sign_in, live_server, violations):
    """`faults_at_all_sizes(user, path)`: what is wrong with a page in both languages, wide and narrow:
    whatever axe finds, and scrolling sideways."""

    def faults(user, path: str) -> list[str]:
        found = []
        for language in ("zh-hans", "en"):
            page = sign_in(user, language)
            for width in (1366, 390):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(f"{live_server.url}{path}")
                found += [f"{language} {width} {path} {fault}" for fault in violations(page)]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{language} {width} {path} scrolls sideways")
            page.close()
        return found

    return faults
