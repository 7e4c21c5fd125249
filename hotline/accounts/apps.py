from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hotline.accounts"
    label = "accounts"

    def ready(self) -> None:
        from hotline.accounts import sessions  # noqa: F401  # connects the receiver that begins a session
        from hotline.lib.sealing import check_keys

        check_keys()
