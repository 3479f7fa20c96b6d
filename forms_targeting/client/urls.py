from __future__ import annotations

from django.urls import re_path

from forms_targeting.client import pixel_views, views

urlpatterns = [
    re_path(r"^client/profiles/?$", views.ClientProfiles.as_view()),
    re_path(r"^client/events/?$", views.ClientEvents.as_view()),
    re_path(r"^client/event-bulk-create/?$", views.ClientEventBulkCreate.as_view()),
    re_path(r"^client/subscriptions/?$", views.ClientSubscriptions.as_view()),
    re_path(r"^client/back-in-stock-subscriptions/?$", views.ClientBackInStock.as_view()),
    re_path(r"^client/push-tokens/?$", views.ClientPushTokens.as_view()),
    re_path(
        r"^client/push-token-unregister/?$",
        views.ClientPushTokens.as_view(type_="push-token-unregister"),
    ),
    re_path(r"^client/geofences/?$", views.ClientGeofences.as_view()),
    re_path(r"^onsite/track-analytics/?$", views.OnsiteAnalytics.as_view()),
    re_path(r"^api/track/?$", pixel_views.TrackPixel.as_view()),
    re_path(r"^api/identify/?$", pixel_views.IdentifyPixel.as_view()),
    re_path(r"^(?:ajax/)?subscriptions/subscribe/?$", pixel_views.AjaxSubscribe.as_view()),
]
