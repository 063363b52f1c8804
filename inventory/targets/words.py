"""Why a quantity is written as it is, or not: in words for staff, with what to do next."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.targets.stock_targets import Reason

REASONS: dict[Reason, Promise] = {
    Reason.PLAIN_ITEM: _("Sent to Mercado Libre on the listing itself."),
    Reason.HAS_VARIATIONS: _("Sent to Mercado Libre on the listing, always with all of its variations."),
    Reason.USER_PRODUCT: _(
        "Sent once, on one listing of the user product; Mercado Libre copies it to the others that share its stock."
    ),
    Reason.GLOBAL_ITEM: _(
        "Sent to the Global Selling item, with all of its variations: one number for all countries where it is sold."
    ),
    Reason.OF_MARKETPLACE: _(
        "This listing sells the stock of its Global Selling item in one country. The number is sent to that item."
    ),
    Reason.WAREHOUSE_SELLER: _("The seller keeps stock by warehouse at Mercado Libre: it is sent store by store."),
    Reason.BESIDE_FULL: _(
        "Partly in Full: Mercado Libre holds that. What is in the seller's own warehouses is sent store by store."
    ),
    Reason.FLEX_NOT_APART: _(
        "In Full and in Flex. In this country the units for Flex cannot be set from here: change them in Mercado "
        "Libre's panel."
    ),
    Reason.FULL_AND_FLEX: _(
        "In Full and in Flex: only the units at the seller's own address are sent to Mercado Libre."
    ),
    Reason.IN_FULL: _("In Full: Mercado Libre holds this stock. Send units to Full to change it."),
    Reason.KIT: _("A kit made at Mercado Libre: its stock comes from its parts and is not sent."),
    Reason.GONE: _("Mercado Libre no longer shows this listing. Link its successor, if it was relisted."),
    Reason.CLOSED: _("The listing is closed, for good. Relist it at Mercado Libre and link the new one."),
    Reason.MOVING: _(
        "Mercado Libre is moving the variations to listings of their own. Nothing is sent until it has finished."
    ),
    Reason.MOVED: _(
        "Mercado Libre moved the variations to listings of their own. Move their links on the page Changed listings."
    ),
    Reason.SHAPE_CHANGED: _(
        "Mercado Libre changed what this listing is. Nothing is sent to it until somebody has answered on the page "
        "Changed listings."
    ),
    Reason.PAUSED_BY_SELLER: _(
        "The seller paused the listing, so nothing is sent to it. Activate it in Mercado Libre's panel; the quantity "
        "is then updated by itself."
    ),
    Reason.UNDER_REVIEW: _(
        "Mercado Libre is reviewing the listing. Correct what it asks for in its panel; the quantity is then updated "
        "by itself."
    ),
    Reason.INACTIVE: _("Mercado Libre has switched the listing off. See the reason in its panel."),
    Reason.PAYMENT_REQUIRED: _(
        "The seller owes Mercado Libre a payment. The quantity is updated by itself once it is paid."
    ),
    Reason.NO_USER_PRODUCT: _(
        "The seller keeps stock by warehouse, and this listing has no user product yet. Read the listing again later."
    ),
    Reason.NO_LINKED_STORE: _(
        "None of the seller's stores at Mercado Libre is linked to a warehouse. Link them on the page Warehouses."
    ),
    Reason.SEVERAL_STORES: _(
        "Mercado Libre lets this seller keep stock in one warehouse only, and several are linked. Keep one link on the "
        "page Warehouses."
    ),
    Reason.ZERO_REFUSED: _(
        "Mercado Libre does not accept zero for used goods or free listings. Pause the listing or close it by hand."
    ),
    Reason.MIXED_PRODUCTS: _(
        "Listings that share one stock at Mercado Libre are linked to different SKUs. Link them all to the same one."
    ),
}
OBSERVE = _("The seller is in observe mode: nothing is sent until you go live.")
PAUSED = _("Pushes of this seller are paused. Resume them on the page Sellers.")
NOT_SHOWN_YET = _("Mercado Libre accepted the quantity and does not show it yet. It is looked at again by itself.")
IGNORED = _(
    "Mercado Libre answers yes and changes nothing. Read the seller and the listing again: the seller may keep "
    "stock by warehouse now, or the listing may be in Full."
)
NOT_ANSWERED = _(
    "Mercado Libre has not answered and does not show the listing yet. Send the form again in a minute: it is looked "
    "for first, and never published twice."
)
ONE_AT_A_TIME = _("Used goods are sold one at a time in this category: Mercado Libre takes no more than one.")
ASK = _("Somebody set another quantity at Mercado Libre. Put ours back, or correct the stock here.")

BLAST = _(
    "Pushes were paused: within ten minutes %(zeroed)s of %(listings)s listings would have been set to zero. "
    "If that is right, resume pushes; if not, correct the stock first."
)
BLAST_CHANGE = _("%(what)s: %(said)s")
