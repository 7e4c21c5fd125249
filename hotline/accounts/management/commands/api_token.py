from django.core.management.base import BaseCommand, CommandError

from hotline.accounts.models import User
from hotline.accounts.tokens import issue_token
from hotline.lib.errors import DomainError


class Command(BaseCommand):
    help = "Make an API token for a user and print it, alone, on standard output."

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("--label", default="api_token", help="what the token is for (default: api_token)")

    def handle(self, *args, username: str, label: str, **options) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        if not user.is_active:
            raise CommandError(f"The account {username} is disabled.")
        try:
            self.stdout.write(issue_token(user, label))
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
