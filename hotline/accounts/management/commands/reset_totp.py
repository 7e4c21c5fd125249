from django.core.management.base import BaseCommand, CommandError

from hotline.accounts import totp
from hotline.accounts.models import User
from hotline.lib.db_now import db_now


class Command(BaseCommand):
    help = "Forget a user's second factor: for the only administrator whose phone is lost."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")

    def handle(self, *args, username: str, **options) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        totp.reset(user, None, db_now())
        self.stdout.write(f"{username} sets up a new second factor at the next login.")
