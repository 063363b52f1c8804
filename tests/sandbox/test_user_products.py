import pytest

from tests.sandbox.caller import WAREHOUSES, open_shop


@pytest.fixture
def shop():
    shop = open_shop(site_id="MLM", tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    shop.seller.add_store("Norte")
    return shop


@pytest.fixture
def mug(shop):
    first, second = shop.seller.stores
    return shop.seller.add_item(title="Taza", seller_sku="A-1", stores={first.id: 5, second.id: 2})


def stock_path(item):
    return f"/user-products/{item.own.user_product_id}/stock"


def write(shop, item, version, *locations):
    headers = {} if version is None else {"x_version": str(version)}
    return shop.put(f"{stock_path(item)}/type/seller_warehouse", {"locations": list(locations)}, **headers)


def at(store, quantity):
    return {"store_id": store.id, "network_node_id": store.network_node_id, "quantity": quantity}


def test_stock_is_listed_by_store_with_its_version_in_a_header(shop, mug):
    reply = shop.get(stock_path(mug))

    assert [(place["type"], place["store_id"], place["quantity"]) for place in reply.json["locations"]] == [
        ("seller_warehouse", shop.seller.stores[0].id, 5),
        ("seller_warehouse", shop.seller.stores[1].id, 2),
    ]
    assert reply.headers["x-version"] == "1"
    assert reply.json["stock_mode"] == "countable"


def test_a_write_needs_the_version_of_the_last_read(shop, mug):
    first, second = shop.seller.stores

    missing = write(shop, mug, None, at(first, 1))
    written = write(shop, mug, 1, at(first, 1), at(second, 0))
    stale = write(shop, mug, 1, at(first, 9))

    assert (missing.status, missing.json["message"]) == (400, "Missing X-Version header")
    assert [place["quantity"] for place in written.json["locations"]] == [1, 0]
    assert (stale.status, stale.json["message"]) == (409, "Version mismatch")
    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 1


def test_a_sale_is_a_new_version(shop, mug):
    shop.world.sell(mug.id, store_id=shop.seller.stores[1].id)

    reply = shop.get(stock_path(mug))

    assert reply.headers["x-version"] == "2"
    assert [place["quantity"] for place in reply.json["locations"]] == [5, 1]
    assert write(shop, mug, 1, at(shop.seller.stores[0], 9)).status == 409


def test_stores_not_named_keep_their_stock(shop, mug):
    write(shop, mug, 1, at(shop.seller.stores[0], 9))

    assert [place["quantity"] for place in shop.get(stock_path(mug)).json["locations"]] == [9, 2]


def test_store_errors(shop, mug):
    other = open_shop(world=shop.world)
    foreign = other.seller.add_store("Ajena")
    shop_only = shop.seller.add_store("Showroom", is_stock_location=False)

    def message(location):
        reply = write(shop, mug, 1, location)
        assert reply.status == 400
        return reply.json["message"]

    assert message({"store_id": "000", "quantity": 1}) == "Store not found: 000"
    assert message(at(foreign, 1)) == f"Store does not belong to seller: {foreign.id}"
    assert message({"quantity": 1}) == "Store cannot be null or empty"
    assert message(at(shop_only, 1)) == "Store is not configured to be a stock location"
    assert write(shop, mug, 1).json["message"] == "Store cannot be null or empty"
    assert write(shop, mug, 1, at(shop.seller.stores[0], -1)).status == 400
    assert shop.get(stock_path(mug)).headers["x-version"] == "1"


def test_a_seller_with_one_warehouse_cannot_split(shop, mug):
    shop.seller.tags.remove("multiwarehouse")

    reply = write(shop, mug, 1, at(shop.seller.stores[0], 1), at(shop.seller.stores[1], 1))

    assert reply.json["message"] == "seller with a single warehouse cannot update stock across multiple network nodes"


def test_stock_never_initialised_is_not_found_until_it_is_written(shop):
    item = shop.seller.add_item(available_quantity=0, stock_initialised=False)

    before = shop.get(stock_path(item))
    written = write(shop, item, 1, at(shop.seller.stores[0], 4))

    assert (before.status, before.json["message"]) == (404, "stock-locations not found")
    assert written.status == 200
    assert shop.get(f"/items/{item.id}").json["status"] == "active"


def test_a_hundred_stock_reads_a_minute(shop, mug):
    replies = [shop.get(stock_path(mug)).status for _ in range(101)]

    assert replies == [200] * 100 + [429]
    assert shop.get(f"/items/{mug.id}").status == 200


def test_listings_follow_a_stock_write_later(shop, mug):
    shop.world.replication_delay = 3

    write(shop, mug, 1, at(shop.seller.stores[0], 20))

    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 7
    shop.world.clock.advance(seconds=4)
    assert shop.get(f"/items/{mug.id}").json["available_quantity"] == 22


def test_the_selling_address_beside_full_is_written_later(shop):
    shop = open_shop()
    item = shop.seller.add_item(full_quantity=6, flex_quantity=2)
    shop.world.replication_delay = 3
    path = f"{stock_path(item)}/type/selling_address"

    missing = shop.put(path, {"quantity": 4})
    reply = shop.put(path, {"quantity": 4}, x_version="1")

    assert missing.status == 400
    assert (reply.status, reply.body) == (204, b"")
    assert shop.get(stock_path(item)).headers["x-version"] == "1"
    shop.world.clock.advance(seconds=4)
    after = shop.get(stock_path(item))
    assert after.headers["x-version"] == "2"
    assert after.json["locations"] == [
        {"type": "selling_address", "quantity": 4},
        {"type": "meli_facility", "quantity": 6},
    ]
    assert shop.put(path, {"quantity": 4}, x_version="1").status == 409


@pytest.mark.parametrize(
    ("site_id", "stock", "words"),
    [
        ("MLB", {"full_quantity": 1, "flex_quantity": 1}, "the site is blocked"),
        ("MLA", {"full_quantity": 1}, "fulfillment only"),
        ("MLA", {"available_quantity": 1}, "in items without inventory id"),
    ],
)
def test_the_selling_address_is_not_always_writable(site_id, stock, words):
    shop = open_shop(site_id=site_id)
    item = shop.seller.add_item(**stock)

    reply = shop.put(f"{stock_path(item)}/type/selling_address", {"quantity": 4}, x_version="1")

    assert reply.status == 400
    assert words in reply.json["message"]


def test_warehouse_sellers_have_no_selling_address():
    shop = open_shop(tags=WAREHOUSES)
    shop.seller.add_store("Centro")
    item = shop.seller.add_item()

    reply = shop.put(f"{stock_path(item)}/type/selling_address", {"quantity": 4}, x_version="1")

    assert reply.json["message"] == "seller with a single warehouse cannot update selling address stock"


def test_a_user_product_shows_values_without_names(shop, mug):
    body = shop.get(f"/user-products/{mug.own.user_product_id}").json

    assert body["user_id"] == shop.seller.user_id
    found = next(one for one in body["attributes"] if one["id"] == "SELLER_SKU")
    assert set(found) == {"id", "name", "values"}
    assert found["values"][0]["name"] == "A-1"
    assert body["date_created"].endswith("+0000")


def test_families_and_stores(shop):
    item = shop.seller.add_item(family_id=9871232123, family_name="Taza")

    family = shop.get("/sites/MLM/user-products-families/9871232123").json
    stores = shop.get(f"/users/{shop.seller.user_id}/stores/search?tags=stock_location").json

    assert family["user_products_ids"] == [item.own.user_product_id]
    assert [store["description"] for store in stores["results"]] == ["Centro", "Norte"]
    assert all(isinstance(store["id"], str) for store in stores["results"])
    assert stores["results"][0]["user_id"] == str(shop.seller.user_id)


def test_full_stock_is_read_by_inventory():
    shop = open_shop()
    other = open_shop(world=shop.world)
    item = shop.seller.add_item(full_quantity=6)
    path = f"/inventories/{item.own.inventory_id}/stock/fulfillment"

    assert shop.get(path).json["available_quantity"] == 6
    forbidden = other.get(path)
    assert forbidden.status == 403
    assert "cannot access to seller_product" in forbidden.json["message"]
