"""Who acts: organisations, users, roles and permissions, sessions, second factors, and two-person approvals."""
