"""Whom a text of thanks praises."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from workorders.praise import mask_caller, praise_book, suggest_praise

pytestmark = pytest.mark.django_db
TAX = (
    "市民王女士来电反映:家中老人办理房屋过户业务,提前前往历下区税务局咨询相关办理手续及流程,该局工作人员李文娇业务专业,"
    "细致梳理业务办理各环节,明确税率标准、预估应缴税费,并提供最优办理方案,同时告知天桥区的房产亦可在此办理涉税业务,"
    "服务便捷高效,表示感谢。"
)
SCHOOL = (
    "市民孙先生来电反映:济南高新区伯乐实验学校周边路段暂未设置交通信号灯,校方得知后及时设置值班岗,在学生上下学时段开展"
    "交通疏导工作,切实保障学生出行安全,特此致电表达感谢。"
)


def read(text):
    praise = suggest_praise(text, praise_book.get())
    return praise.unit.code if praise.unit else "", "|".join(praise.persons)


def test_the_tax_office_of_the_article_and_its_person_are_found():
    assert read(TAX) == ("370102-TAX", "李文娇")


def test_the_school_of_the_article_is_the_body_and_nobody_is_named():
    praise = suggest_praise(SCHOOL, praise_book.get())

    assert (praise.unit, praise.body, praise.persons) == (None, "济南高新区伯乐实验学校", ())


@pytest.mark.parametrize(
    ("text", "unit", "persons"),
    [
        ("感谢天桥区税务局工作人员赵敏热心帮助,上次在历下区税务局没有办成。", "370105-TAX", "赵敏"),
        ("市民刘先生表扬历城区人社局窗口工作人员陈晓东、周丽,服务热情。", "370112-HRSS", "陈晓东|周丽"),
        ("本人在K52路公交车上低血糖,司机王建国停车安抚,非常感动。", "370100-BUS", "王建国"),
        ("公交司机张师傅拾金不昧,感谢公交公司。", "370100-BUS", ""),
        ("李女士来电:姚家街道办事处社区网格员孙玉梅冒雪为老人送药。", "370102011-OFFICE", "孙玉梅"),
        ("感谢市中区行政审批服务局安排专人上门为老人办证。", "370103-APPROVAL", ""),
        ("市民赵建军来电,表扬槐荫区公安分局民警刘洋,帮忙找回母亲李桂兰。", "370104-POLICE", "刘洋"),
        ("我叫周强,想感谢章丘区民政局的郑晓燕主任,多次上门走访。", "370114-CIVIL", "郑晓燕"),
        ("12345热线受理员耐心解答,感谢热线。", "370100-HOTLINE", ""),
        ("市民拨打12345热线表扬济南水务集团抢修人员连夜抢修。", "370100-WATERCO", ""),
        ("周女士在泉城路派出所办理身份证时,民警高翔态度和蔼,特此表扬。", "370100-POLICE", "高翔"),
        ("感谢市医保局窗口欧阳静耐心解答异地就医备案问题。", "370100-MEDINS", "欧阳静"),
        ("游客在火车站丢失行李,车站派出所民警何志远帮忙找回。", "370100-POLICE", "何志远"),
        ("济阳区住建局王主任、李科长协调解决供暖问题,居民送锦旗。", "370115-HOUSING", ""),
        ("感谢莱芜区鹏泉街道办事处的工作人员任志强和安娜。", "370116004-OFFICE", "任志强|安娜"),
        ("电话表扬济南公交集团101路驾驶员于海波。", "370100-BUS", "于海波"),
        ("孙女士的孩子王小明走失,感谢历下公安分局民警徐立伟及时找回。", "370102-POLICE", "徐立伟"),
        ("山东大学齐鲁医院护士刘芳对患者张秀英照顾周到,家属表示感谢。", "", "刘芳"),
        ("市民想借热线感谢路边帮忙推车的好心人,没有留下姓名。", "", ""),
        ("感谢平阴县榆山街道文昌社区网格员解春燕。", "370124001-OFFICE", "解春燕"),
        ("国网济南供电公司抢修人员段磊、史建在零下十度的夜里恢复供电。", "370100-POWER", "段磊|史建"),
        ("之前投诉的天桥区住建局没解决,后来历城区住建局的邢志刚解决,感谢。", "370112-HOUSING", "邢志刚"),
        ("赞扬济南能源集团李沧海、侯勇两位师傅,凌晨抢修暖气。", "370100-ENERGY", "李沧海|侯勇"),
        ("我是退休职工沈阳,感谢市退役军人局的卢主任和潘晓明。", "370100-VETERANS", "潘晓明"),
        ("我在历下区行政审批局办事,遇到一位叫林晓的工作人员,特别热情。", "370102-APPROVAL", "林晓"),
        ("本人姓白,表扬济南公交集团K59路司机白雪峰。", "370100-BUS", "白雪峰"),
        ("101路公交车,车牌鲁A12345,司机热情帮助老人上车。", "370100-BUS", ""),
        ("市民任先生来电：感谢大家的关心，感谢政府。", "", ""),
        ("", "", ""),
    ],
)
def test_unit_and_persons_are_read_from_a_text(text, unit, persons):
    assert read(text) == (unit, persons)


@pytest.mark.parametrize(
    "text",
    [
        "市民王芳女士来电,王芳表示感谢历下区税务局。",
        "王芳女士来电反映,感谢历下区税务局。",
        "我叫王芳,感谢历下区税务局。",
        "来电人王芳:感谢历下区税务局工作人员。",
        "热心市民王芳致电,感谢历下区税务局。",
    ],
)
def test_the_callers_name_never_comes_out(text):
    assert read(text)[1] == ""


def test_the_callers_name_is_covered_and_places_stay_the_same():
    text = "市民王芳女士来电,王芳表示感谢。"

    masked = mask_caller(text)

    assert "王芳" not in masked
    assert len(masked) == len(text)


def test_a_retired_unit_is_not_suggested(unit):
    unit.is_active, unit.name = False, "济南市示范服务处"
    unit.save()

    assert read("感谢济南市示范服务处工作人员。")[0] == ""


def command(tmp_path, rows):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *rows])
    call_command("extract_commendation", str(source), str(out))
    return list(csv.DictReader(StringIO(out.read_text(encoding="utf-8"))))


def test_the_command_writes_one_row_for_each_id(tmp_path):
    rows = command(tmp_path, [["a", TAX], ["b", SCHOOL], ["a", "again"]])

    assert rows == [
        {
            "id": "a",
            "unit_code": "370102-TAX",
            "unit_name": "国家税务总局济南市历下区税务局",
            "person": "李文娇",
        },
        {"id": "b", "unit_code": "", "unit_name": "", "person": ""},
    ]


def test_several_persons_are_joined(tmp_path):
    (row,) = command(tmp_path, [["a", "国网济南供电公司抢修人员段磊、史建恢复供电,感谢。"]])

    assert row["person"] == "段磊|史建"


def test_a_file_without_texts_is_refused_in_one_sentence(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("id,words\n1,x\n", encoding="utf-8")

    with pytest.raises(CommandError, match="text"):
        call_command("extract_commendation", str(source), str(tmp_path / "out.csv"))
