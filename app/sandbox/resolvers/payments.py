"""Bonuses paid outside milestones."""

from decimal import Decimal
from typing import Any

from app.sandbox.records.work import Payment
from app.sandbox.refusals import Forbidden, Refused, WrongInput
from app.sandbox.resolvers.contracts import own_contract
from app.sandbox.resolvers.fields import Call, FieldTable

payments = FieldTable()


@payments.field("Mutation", "sendCustomPayment")
def send_custom_payment(_: None, call: Call, input_: dict[str, Any] | None = None) -> Payment:
    """A payment on a contract of the caller's; the amount is in dollars, with at most two decimals.

    After a payment that allows no subsequent one, the contract takes no more.
    """
    if input_ is None:
        raise WrongInput("input")
    contract = own_contract(call, input_["contract_id"])
    if call.world.offer_of(contract).client_id != call.company_id:
        raise Forbidden
    cents = Decimal(str(input_["amount"])) * 100
    if cents <= 0 or cents != cents.to_integral_value():
        raise WrongInput("amount")
    if any(payment.contract_id == contract.id and not payment.allow_subsequent for payment in call.world.payments):
        raise Refused("An earlier payment on this contract allows no subsequent one")
    payment = Payment(
        invoice_id=call.world.mint.short("invoice"),
        contract_id=contract.id,
        amount=int(cents),
        comment=input_["comment"],
        notes=input_["notes"],
        allow_subsequent=input_.get("allow_subsequent") is not False,
        created=call.world.clock.tick(),
    )
    call.world.payments.append(payment)
    return payment
