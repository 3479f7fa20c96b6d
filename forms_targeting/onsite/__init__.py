"""The script for the shop's pages, as klaviyo.js, and the forms that it draws."""
