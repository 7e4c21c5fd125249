from django.core.management.base import BaseCommand, CommandError

from dispatch import invariants


class Command(BaseCommand):
    help = "Recompute the hash chain of every order's trail. Exit 1 and name the first broken event."

    def handle(self, *args, **options) -> None:
        events, broken = invariants.verify_trail()
        self.stdout.write(f"{events} events checked")
        if broken is not None:
            raise CommandError(f"The trail of order {broken.order} is broken at event {broken.number}.")
