"""The browser that the page's tests use too."""

from tests.server.page.conftest import browser

__all__ = ["browser"]
