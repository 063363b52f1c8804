"""Addresses of the catalog's pages."""

from django.urls import path

from catalog.views import kits, mapping, mapping_import, marketplaces, prices, products, shapes

app_name = "catalog"
urlpatterns = [
    path("mapping/", mapping.MappingList.as_view(), name="mapping"),
    path("mapping/options/", mapping.options, name="options"),
    path("mapping/link/", mapping.link_many, name="link_many"),
    path("mapping/changed/", shapes.changed, name="changed"),
    path("mapping/import/", mapping_import.upload, name="mapping_import"),
    path("mapping/import/<uuid:pk>/", mapping_import.check, name="mapping_check"),
    path("mapping/<int:pk>/", mapping.unit, name="unit"),
    path("mapping/<int:pk>/new-product/", mapping.new_product, name="new_product"),
    path("products/", products.ProductList.as_view(), name="products"),
    path("products/add/", products.add, name="product_add"),
    path("products/import/", products.import_sheet, name="product_import"),
    path("products/kits/", kits.KitList.as_view(), name="kits"),
    path("products/kits/import/", kits.import_sheet, name="kit_import"),
    path("products/<int:pk>/", products.product, name="product"),
    path("products/<int:pk>/edit/", products.edit, name="product_edit"),
    path("products/<int:pk>/price/", products.price, name="product_price"),
    path("prices/", prices.PriceList.as_view(), name="prices"),
    path("prices/<int:pk>/", prices.listing_price, name="listing_price"),
    path("prices/<int:pk>/drift/", prices.drift, name="price_drift"),
    path("prices/<int:pk>/marketplace/", marketplaces.marketplace, name="marketplace"),
]
