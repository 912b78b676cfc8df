"""协议: insurers, three-year service agreements, annual contracts, premium schedules and assessment (J12, J13, J18)."""
