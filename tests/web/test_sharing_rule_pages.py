"""What a sharing rule leads to, on the page of its pack: in yuan, for any premium, in both languages."""


def test_the_page_of_a_pack_says_what_its_rule_leads_to(client) -> None:
    page = client.get("/policies/jilin-2016?lang=zh").get_data(as_text=True)
    assert "盈亏调控办法的后果提示" in page
    assert "3%处跳变2,100,000.00元（赔款97,000,000.00元时）" in page
    assert "赔款低于97,000,000.00元（比率高于3%）时，承办机构多赔反而多得" in page
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg"') >= 2


def test_it_is_told_for_the_premium_that_is_asked(client) -> None:
    page = client.get("/policies/jilin-2016?premium=352,314,000").get_data(as_text=True)
    # 2.1 % of 352,314,000 is 7,398,594: the cliff of this contract.
    assert "7,398,594.00" in page
    wrong = client.get("/policies/jilin-2016?premium=much").get_data(as_text=True)
    assert 'value="much"' in wrong
    assert 'aria-describedby="premium-error"' in wrong
    assert client.get("/policies/jilin-2016?premium=0").get_data(as_text=True).count("premium-error") == 2


def test_a_paper_that_leaves_sharing_to_the_contract_has_no_such_section(client) -> None:
    assert 'id="incentives"' not in client.get("/policies/guangdong-2016").get_data(as_text=True)
