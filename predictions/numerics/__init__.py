"""What a model expects of customers: from orders to figures. Pure: no database, clock or page."""
