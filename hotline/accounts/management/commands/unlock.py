from django.core.management.base import BaseCommand, CommandError

from hotline.accounts import locks
from hotline.accounts.models import User
from hotline.lib.db_now import db_now


class Command(BaseCommand):
    help = "Let a user log in again who is locked out after failed logins."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")

    def handle(self, *args, username: str, **options) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        forgotten = locks.unlock(user, None, db_now())
        self.stdout.write(f"{username}: {forgotten} records of failed logins forgotten.")
