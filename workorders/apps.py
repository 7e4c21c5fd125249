from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "workorders"

    def ready(self) -> None:
        from workorders import listeners  # noqa: F401  # connects the receivers
