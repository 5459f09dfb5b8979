#include "demo/pool/names.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *const tp_demo_surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧",
    "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾",
    "丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜",
};
const size_t tp_demo_surname_count = COUNT_OF(tp_demo_surnames);

const char *const tp_demo_given[] = {
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
    "明", "超", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "萍", "红", "鹏", "辉", "建",
    "国", "文", "斌", "波", "宁", "云", "龙", "燕", "海", "晨", "博", "颖", "凯", "浩", "宇",
    "洁", "婷", "雪", "琳", "欣", "志", "晓", "永", "春", "秀", "林", "庆", "宏", "旭", "峰",
};
const size_t tp_demo_given_count = COUNT_OF(tp_demo_given);

const struct tp_demo_city tp_demo_cities[] = {
    {"兰州", 30}, {"天水", 18}, {"酒泉", 16}, {"武威", 8}, {"庆阳", 8},
    {"张掖", 6},  {"白银", 5},  {"平凉", 5},  {"定西", 4},
};
const size_t tp_demo_city_count = COUNT_OF(tp_demo_cities);

const struct tp_demo_specialty tp_demo_specialties[] = {
    {"A0301", "房屋建筑工程", "A03", 16}, {"A0305", "市政工程", "A03", 14},
    {"A0308", "公路工程", "A03", 10},     {"A0310", "水利水电工程", "A03", 8},
    {"A0402", "工程勘察设计", "A04", 8},  {"A0501", "工程监理", "A05", 8},
    {"B0101", "工程造价", "B01", 14},     {"B0201", "财务审计", "B02", 9},
    {"B0301", "经济管理", "B03", 9},      {"C0202", "医疗设备", "C02", 8},
    {"C0301", "信息系统集成", "C03", 9},  {"C0405", "机电设备", "C04", 7},
};
const size_t tp_demo_specialty_count = COUNT_OF(tp_demo_specialties);

const char *const tp_demo_trades[] = {
    "建筑设计院",   "工程咨询公司", "建设集团",     "水利勘测院",   "造价事务所",
    "会计师事务所", "职业技术学院", "医疗器械公司", "信息技术公司", "公路工程局",
};
const size_t tp_demo_trade_count = COUNT_OF(tp_demo_trades);

const char *const tp_demo_brands[] = {
    "示例甲", "示例乙", "示例丙", "示例丁", "示例戊", "示例己", "示例庚",
};
const size_t tp_demo_brand_count = COUNT_OF(tp_demo_brands);
