"""Which language a page is shown in."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class ChosenLanguageMiddleware(LocaleMiddleware):
    """Chinese unless the reader chose otherwise: a browser set to English is no wish for an English Hotline.

    Programs have no switch to press, so the API follows Accept-Language."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/v1/") and "Accept-Language" in request.headers:
            language = translation.get_language_from_request(request)
        else:
            language = chosen_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def chosen_language(request: HttpRequest) -> str:
    """The language of the reader's cookie, or the default."""
    choice = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return choice if choice in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
