"""Addresses of registers."""

from django.urls import path

from abonde.web.register import importing, registers, waiting
from abonde.web.workspaces import rooms
from abonde.web.workspaces import waiting as asked_for_dashboards

asked_for_dashboards.append(waiting.waiting_for)
rooms.append(waiting.links)

REGISTERS = "espace/<slug:org>/registres/"
REGISTER = f"{REGISTERS}<int:register>/"
IMPORT = f"{REGISTER}fichiers/<int:number>/"

urlpatterns = [
    path(REGISTERS, registers.registers, name="registers"),
    path(f"{REGISTERS}ouvrir/", registers.open_one, name="register-open"),
    path(REGISTER, registers.register, name="register"),
    path(f"{REGISTER}fichier/", importing.bring, name="register-bring"),
    path(IMPORT, importing.show, name="register-import"),
    path(f"{IMPORT}confirmer/", importing.confirm, name="register-import-confirm"),
    path(f"{IMPORT}abandonner/", importing.discard, name="register-import-discard"),
    path(f"{IMPORT}reprendre/", importing.resume, name="register-import-resume"),
    path(f"{IMPORT}lignes.csv", importing.faults, name="register-import-faults"),
]
