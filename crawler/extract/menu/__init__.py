"""The portal's menu: its entries, and the pages behind them that are one article by themselves."""
