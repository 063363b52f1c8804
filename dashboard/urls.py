"""Pages that read from every package, and what machines ask."""

from django.urls import path, re_path

from dashboard.views import failures, health, held_back, jobs, listings, pushes, search, sellers, today

app_name = "dashboard"
urlpatterns = [
    path("", today.today, name="today"),
    path("sellers/", sellers.seller_list, name="sellers"),
    path("sellers/held-back/", held_back.HeldBackList.as_view(), name="held_back"),
    path("sellers/<int:pk>/", sellers.seller, name="seller"),
    path("listings/", listings.ListingList.as_view(), name="listings"),
    path("listings/<slug:item_id>/", listings.listing, name="listing"),
    re_path(r"^listings/(?P<item_id>[-\w]+)/again/(?P<what>stock|price|look)/$", listings.again, name="listing_again"),
    path("listings/<slug:item_id>/why/<int:pk>/", listings.why_quantity, name="listing_why"),
    path("pushes/", pushes.PushList.as_view(), name="pushes"),
    path("work/", failures.WorkList.as_view(), name="work"),
    path("work/retry/", failures.retry_group, name="retry_group"),
    path("jobs/", jobs.JobList.as_view(), name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<int:pk>/resume/", jobs.resume, name="job_resume"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
