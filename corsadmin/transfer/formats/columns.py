"""The columns of a table of origins: their names, what people call them, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from corsadmin.transfer.records.check import REMARKS

if TYPE_CHECKING:
    from django.utils.functional import Promise

TENANT_COLUMN: Final = "tenant"
PATTERN_COLUMN: Final = "pattern"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column; `synonyms` are further headings for it, in several languages."""

    name: str
    label: "Promise"
    meaning: "Promise"
    examples: tuple[str, str]
    synonyms: str  # separated by commas


COLUMNS: Final = (
    TableColumn(
        TENANT_COLUMN,
        _("tenant"),
        _(
            "The tenant that the origin belongs to: its slug, or its name if no other tenant has it."
        ),
        ("acme", "globex"),
        "tenant slug, tenant name, slug, name, customer, customer name, client, account, company, "
        "organisation, organization, site, kunde, kundin, kundenname, mandant, firma, cliente, "
        "empresa, cuenta, inquilino, sitio",
    ),
    TableColumn(
        PATTERN_COLUMN,
        _("origin"),
        _(
            "Scheme, host and port, without a path. Several origins in one cell count as a row each."
        ),
        ("https://app.acme.example", "https://*.globex.example"),
        "origin, origins, origin pattern, allowed origin, allowed origins, url, urls, uri, domain, "
        "domains, host, hostname, website, web site, site, address, web address, link, herkunft, "
        "ursprung, domäne, domaene, domänen, adresse, webadresse, webseite, muster, origen, orígenes, "
        "dominio, dominios, dirección, sitio, sitio web, patrón",
    ),
    TableColumn(
        "credentials",
        _("credentials"),
        _("Whether browsers may send credentials, such as cookies: yes or no. Blank: no."),
        ("yes", "no"),
        "allow credentials, with credentials, access control allow credentials, cookies, "
        "allow cookies, with cookies, cookies allowed, anmeldedaten, zugangsdaten, cookies erlaubt, "
        "mit cookies, credenciales, permitir credenciales, con credenciales, con cookies",
    ),
    TableColumn(
        "scope",
        _("scope"),
        _("The paths that the origin may call, such as /api/ and all below it. Blank: every path."),
        ("", "/api/public/"),
        "path, paths, path prefix, pfad, pfade, bereich, geltungsbereich, ruta, rutas, ámbito, alcance",
    ),
    TableColumn(
        "enabled",
        _("enabled"),
        _("Whether the origin is enabled: yes or no. Blank: yes."),
        ("yes", "yes"),
        "active, is active, is enabled, aktiv, aktiviert, eingeschaltet, activo, activa, activado, "
        "habilitado, habilitada",
    ),
    TableColumn(
        "valid_from",
        _("valid from"),
        _("The first day on which the origin is valid. Blank: at once."),
        ("", "2027-01-01"),
        "from, starts, start, start date, begins, since, not before, valid, validity, date, ab, von, "
        "gültig ab, gueltig ab, gültig von, gültig, gueltig, gültigkeit, beginn, startdatum, datum, "
        "desde, válido desde, inicio, fecha de inicio, válido, validez, vigencia, fecha",
    ),
    TableColumn(
        "valid_until",
        _("valid until"),
        _("The last day on which the origin is valid. Blank: no end."),
        ("", "2027-12-31"),
        "until, valid to, valid till, expires, expires at, expires on, expiry, expiry date, "
        "expiration, expiration date, ends, end, end date, not after, valid, validity, date, bis, "
        "gültig bis, gueltig bis, gültig, gueltig, gültigkeit, ablauf, ablaufdatum, läuft ab, ende, "
        "enddatum, datum, hasta, válido hasta, vence, vencimiento, fecha de vencimiento, caduca, "
        "caducidad, expira, fin, fecha de fin, válido, validez, vigencia, fecha",
    ),
    TableColumn(
        "note",
        _("note"),
        _("Anything worth knowing, such as the ticket. corsadmin does not send it anywhere."),
        ("web app, OPS-12", "partners, until the end of the year"),
        "notes, name, comment, comments, remark, remarks, description, reason, ticket, notiz, notizen, "
        "bemerkung, bemerkungen, anmerkung, anmerkungen, kommentar, beschreibung, grund, nota, notas, "
        "comentario, comentarios, observaciones, descripción, motivo",
    ),
    TableColumn(
        "risk_accepted",
        _("risk accepted"),
        _("Whether the risk is accepted: yes or no. Accepting needs a permission and a reason."),
        ("", ""),
        "accept risk, accepted risk, risiko akzeptiert, riesgo aceptado",
    ),
    TableColumn(
        "made_by",
        _("made by"),
        _("The pipeline that may renew the origin. Blank: people maintain it."),
        ("", ""),
        "pipeline",
    ),
)
HEADING: Final = tuple(column.name for column in COLUMNS)
LABELS: Final[Mapping[str, "Promise"]] = {column.name: column.label for column in COLUMNS}
REQUIRED: Final = (TENANT_COLUMN, PATTERN_COLUMN)
# The columns of the problems in a file of rejected rows; imports ignore them.
PASSED_OVER: Final = frozenset({REMARKS, "problem"})
