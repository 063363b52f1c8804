"""Payments: rejected tries, split amounts, refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import formats
from sandbox.answers import Json
from sandbox.trade import Order, Payment

if TYPE_CHECKING:
    from sandbox.world import World

CENT = Decimal("0.01")


def shipping_cost_for(order_number: int, price: Decimal) -> Decimal:
    """What the buyer pays for shipping, in the item's currency: nothing, but for every fourth order."""
    if order_number % 4 != 1:
        return Decimal(0)
    cost = price * Decimal("0.08")
    return cost.quantize(CENT if price != price.to_integral_value() else Decimal(1))


def payments_for(world: World, order: Order) -> list[Payment]:
    """Three habits in turn: one approved; a rejected try first; a rejected try, then two approved ones."""
    habit = len(world.orders) % 3
    payments: list[Payment] = []
    if habit:
        payments.append(_payment(world, order, "rejected", order.total, order.shipping_cost, "visa", "credit_card"))
    if habit == 2:
        money = (order.total / 3).quantize(Decimal(1))
        payments.append(_payment(world, order, "approved", money, Decimal(0), "account_money", "account_money"))
        rest = order.total - money
        payments.append(_payment(world, order, "approved", rest, order.shipping_cost, "master", "credit_card"))
    else:
        payments.append(_payment(world, order, "approved", order.total, order.shipping_cost, "visa", "credit_card"))
    return payments


def _payment(
    world: World, order: Order, status: str, amount: Decimal, shipping: Decimal, method: str, kind: str
) -> Payment:
    return Payment(world.ids.number("payment"), status, amount, shipping, method, kind, world.now())


def refund(payments: list[Payment]) -> None:
    for payment in payments:
        if payment.status == "approved":
            payment.status, payment.refunded = "refunded", payment.amount


def payment_json(order: Order, payment: Payment) -> Json:
    approved = payment.status in ("approved", "refunded")
    card = payment.type == "credit_card"
    return {
        "id": payment.id,
        "order_id": order.id,
        "payer_id": order.buyer.id,
        "collector": {"id": order.seller_id},
        "card_id": 9542566756 if card else None,
        "reason": order.title,
        "site_id": order.site_id,
        "payment_method_id": payment.method,
        "currency_id": order.currency_id,
        "installments": 1,
        "issuer_id": "5" if card else "2005",
        "atm_transfer_reference": {"company_id": None, "transaction_id": None},
        "coupon_id": None,
        "activation_uri": None,
        "operation_type": "regular_payment",
        "payment_type": payment.type,
        "available_actions": ["refund"] if payment.status == "approved" else [""],
        "status": payment.status,
        "status_code": None,
        "status_detail": "accredited" if approved else "cc_rejected_insufficient_amount",
        "transaction_amount": formats.amount(payment.amount),
        "transaction_amount_refunded": formats.amount(payment.refunded),
        "taxes_amount": 0.0,
        "shipping_cost": formats.amount(payment.shipping_cost),
        "coupon_amount": 0.0,
        "overpaid_amount": 0.0,
        "total_paid_amount": formats.amount(payment.amount + payment.shipping_cost),
        "installment_amount": formats.amount(payment.amount) if card else None,
        "deferred_period": None,
        "date_approved": formats.offset(payment.created_at) if approved else None,
        "authorization_code": "000000" if card and approved else None,
        "transaction_order_id": None,
        "date_created": formats.offset(payment.created_at),
        "date_last_modified": formats.offset(payment.created_at),
        "marketplace_fee": 0.0,
        "reference_id": None,
    }
