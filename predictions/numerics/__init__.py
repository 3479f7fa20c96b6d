"""Models of customers: from orders to figures. Pure: no database, clock or pages."""
