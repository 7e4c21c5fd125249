from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        from dispatch import listeners  # noqa: F401  # connects the receivers
        from dispatch.ruleversions import UNITS
        from dispatch.wording import OUTCOMES
        from hotline.accounts.changewords import VALUES

        VALUES["dispatch.clockrule", "duration_unit"] = UNITS
        VALUES["workorders.kind", "outcomes"] = OUTCOMES
