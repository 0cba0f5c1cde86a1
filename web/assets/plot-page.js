// plot-page.js -- gives the drawn plots of a page what only scripts can.
