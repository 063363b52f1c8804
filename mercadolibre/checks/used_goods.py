"""Categories in which a listing of used goods may have one unit only, as ML's "Stock of used items" lists them."""

# numbers of the categories, without the site in front
NUMBERS: dict[str, str] = {
    "MLA": "1322 3114 47786 430281",
    "MLM": "1456 5529 438426",
    "MLC": (
        "1339 1455 3111 3724 7022 158307 158335 158340 158342 158350 158382 158416 158422 158425 158457 "
        "158467 158473 158583 413460 440323 440371 440434 440654 440679 440687 440714 455528"
    ),
    "MPE": (
        "3724 6585 127752 127808 127826 127827 127828 127830 127831 127832 127833 127834 127835 127894 "
        "413460 417397 417479 430281 431498 431499 431500 443830 443832 443907 443920 443951 443953 "
        "443969 443973 443975 455528"
    ),
}
ONE_OF_EACH = frozenset(f"{site_id}{number}" for site_id, numbers in NUMBERS.items() for number in numbers.split())
