from django.urls import path

from hotline.accounts.views import home, login, password, profile, second_factor

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("language/", home.set_language, name="set_language"),
    path("account/", profile.profile, name="profile"),
    path("account/password/", password.password_change, name="password_change"),
    path("account/totp/", second_factor.totp_verify, name="totp_verify"),
    path("account/totp/enrol/", second_factor.totp_enrol, name="totp_enrol"),
    path("account/sessions/end/", profile.sessions_end, name="sessions_end"),
    path("account/tokens/", profile.token_create, name="token_create"),
    path("account/tokens/<int:pk>/revoke/", profile.token_revoke, name="token_revoke"),
    path("healthz", home.healthz, name="healthz"),
]
