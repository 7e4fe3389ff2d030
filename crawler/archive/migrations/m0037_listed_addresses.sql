-- Which listings name an address and still do, from the index alone: a question about all of them reads no table rows.
drop index listing_rows_url;
create index listing_rows_url on listing_rows(portal, url, listed, listing);
